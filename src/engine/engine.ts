// jax-js's declarations need these, also in projects that check them.
/// <reference lib="dom" preserve="true" />
/// <reference lib="esnext.float16" preserve="true" />
import type { numpy as np } from "@jax-js/jax";

import type { HostArray, HostTree } from "../util/host-array.ts";

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
  read(parts?: readonly string[]): Promise<Record<string, HostTree>>;
  /** Replaces parts of the state, for example from a checkpoint. Structure and shapes must be those of the initial state. */
  write(state: Readonly<Record<string, HostTree>>): void;
  /** Frees the state. The session cannot be used afterwards. */
  dispose(): void;
}
