// jax-js's declarations need these, also in projects that check them.
/// <reference lib="dom" preserve="true" />
/// <reference lib="esnext.float16" preserve="true" />
import type { numpy as np } from "@jax-js/jax";

import type { HostArray, HostTree } from "../util/host-array.ts";
import { objectWith, oneOf } from "../util/rule.ts";

/** A tree of traced or concrete arrays, as programs see it. */
export type ArrayTree = np.Array | { [name: string]: ArrayTree };

/** Top-level parts of a run's state by name, for example `params`, `hypers`, `optimizer`. */
export type ProgramState = { [part: string]: ArrayTree };

/** A record without arrays: the inputs of a program that takes none, the outputs of one that has none. */
export type NoArrays = { [name: string]: never };

/**
 * A pure function that an engine compiles whole, once.
 *
 * It receives the state and the step's inputs, both as jax-js arrays that it consumes, and returns the parts of the state
 * that it changes (with all their leaves, shapes unchanged) and the step's outputs. Nothing in it draws random numbers, reads
 * a clock or depends on anything but its arguments: learning rates and noise are inputs.
 *
 * The type's arguments are what it uses of the state, its inputs and its outputs; {@link Session.run} takes and gives the same on the host. A
 * program of any of them is a `Program`.
 */
export type Program<
  State extends ProgramState = ProgramState,
  Inputs extends ProgramState = ProgramState,
  Outputs extends ProgramState = ProgramState,
> = {
  program(state: State, inputs: Inputs): [changed: Partial<State>, outputs: Outputs];
}["program"]; // TypeScript compares the arguments of methods in both directions: so a program over some parts of a state is a `Program`

/** Programs by name. */
export type Programs = Readonly<Record<string, Program>>;

/** A tree of arrays as it is on the host. */
export type OnHost<Tree> = [ArrayTree] extends [Tree]
  ? HostTree
  : Tree extends np.Array
    ? HostArray
    : { readonly [Name in keyof Tree]: OnHost<Tree[Name]> };

/** What each program is fed. */
export type InputsOf<P extends Programs> = {
  readonly [Name in keyof P]-?: NonNullable<P[Name]> extends (state: never, inputs: infer Inputs) => unknown
    ? OnHost<Inputs>
    : never;
};

/** What each program gives. */
export type OutputsOf<P extends Programs> = {
  readonly [Name in keyof P]-?: NonNullable<P[Name]> extends (...given: never) => [unknown, infer Outputs]
    ? OnHost<Outputs>
    : never;
};

/** The members of a record that have a name. */
type Named<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] };

/** Of each program known by name, what it uses of the state, in a position where TypeScript infers the intersection of all. */
type StateUsers<P extends Programs> = {
  [Name in keyof Named<P>]-?: NonNullable<P[Name]> extends (state: infer State, inputs: never) => unknown
    ? (state: Named<State>) => void
    : never;
}[keyof Named<P>];

/** The parts of the state that some programs name. */
type NamedState<P extends Programs> = StateUsers<P> extends (state: infer State) => void ? State : unknown;

/** The parts of the state that programs name, on the host; any where they name none. */
export type StateOf<P extends Programs> = [keyof NamedState<P>] extends [never]
  ? Readonly<Record<string, HostTree>>
  : OnHost<NamedState<P>>;

/** Some parts of the state that programs name; an optional one is absent where the state lacks it. */
export type StatePartsOf<P extends Programs, Part extends keyof StateOf<P>> = string extends Part
  ? StateOf<P>
  : string extends keyof StateOf<P>
    ? { readonly [Name in Part]?: HostTree }
    : Pick<StateOf<P>, Part>;

/** The floating-point type of a run: float32 for training, float64 for checks against closed forms. */
export type Precision = "float32" | "float64";

/** What executes programs. An engine knows nothing of learning. */
export interface Engine {
  readonly name: string;
  /**
   * Loads an initial state and prepares programs over it. Programs are compiled at their first run.
   *
   * @param state floating-point leaves are converted to `precision`, integers stay.
   */
  open<P extends Programs>(
    programs: P,
    state: Readonly<Record<string, HostTree>>,
    precision: Precision,
  ): Session<P>;
}

/** What runs programs: a session, or the host that a tuner is given. */
export interface ProgramRunner<P extends Programs = Programs> {
  /** Nothing at run time: it makes a runner of more programs one of fewer, and not the other way round. */
  readonly programs?: P;
  /**
   * Runs a program: feeds `inputs`, replaces the parts of the state that it changed, returns its outputs.
   *
   * @param inputs arrays that nobody writes to any more: an engine may keep one, and not look at it when it is fed again
   */
  run<Name extends keyof P & string>(program: Name, inputs: InputsOf<P>[Name]): Promise<OutputsOf<P>[Name]>;
}

/** One state and the programs that advance it. The state stays with the engine; only what is asked for comes back. */
export interface Session<P extends Programs = Programs> extends ProgramRunner<P> {
  /** Copies the named parts of the state to the host: all if none are named, without those that the state lacks. */
  read<Part extends keyof StateOf<P> & string = keyof StateOf<P> & string>(
    parts?: readonly Part[],
  ): Promise<StatePartsOf<P, Part>>;
  /** Replaces parts of the state, for example from a checkpoint. Structure and shapes must be those of the initial state. */
  write(state: Readonly<Record<string, HostTree>>): void;
  /** Frees the state. The session cannot be used afterwards. */
  dispose(): void;
}

/** What an engine must be. */
export const anEngine = objectWith<Engine>("an engine, such as await jaxEngine()", {
  name: "string",
  open: "function",
});

/** What a precision must be. */
export const aPrecision = oneOf("float32", "float64");
