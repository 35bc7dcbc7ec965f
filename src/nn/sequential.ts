import type { numpy as np } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import { anything, count, flag, listOf, needed, text, type Rules } from "../util/rule.ts";
import { sizeOf } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { briefText } from "../util/brief-text.ts";
import { wholeOf, type Kind, type Step, type StepPlace } from "./kind.ts";
import { kinds, type KindName, type StepConfig } from "./kinds.ts";
import { initLayers, type Layers } from "./layer.ts";
import { isReserved, reserved } from "./layer-names.ts";
import { placeKey, type ApplyEffect, type Network } from "./network.ts";
import type { Values } from "./option.ts";

/** A network in words that JSON can hold. */
export interface SequentialOptions {
  /** Default `sequential`. */
  readonly name?: string;
  /** The shape of an example: `[features]`, or `[channels, height, width]`; rows may hold the same numbers in another shape. */
  readonly input: readonly number[];
  /** Classes, or numbers to predict: what the last step has to give. */
  readonly outputs: number;
  /** Whether each step of a sequence has outputs of its own, as the next word of a text; default false. */
  readonly perStep?: boolean;
  readonly layers: readonly StepConfig[];
}

const sequentialRules: Rules<SequentialOptions> = {
  ...{ name: text, input: needed(listOf(count, 1)), outputs: needed(count), perStep: flag },
  layers: needed({ ...anything, must: "a list of layers" }), // each is looked at where it stands
};

/**
 * A network of steps that follow each other. Layers without a name are called by their kind and number, `conv1`, `conv2`, `fc1`; a dropout
 * by the layer before it, or `input`.
 *
 * ```ts
 * sequential({
 *   input: [1, 8, 8],
 *   outputs: 10,
 *   layers: [
 *     { layer: "conv2d", channels: 16, kernel: 3, padding: 1 },
 *     { layer: "relu" },
 *     { layer: "channel-dropout" },
 *     { layer: "global-average-pool" },
 *     { layer: "linear" },
 *   ],
 * });
 * ```
 *
 * @throws {HypertrainError} for a step that is none, or does not fit the one before it, and for options that it does not have.
 */
export function sequential(options: SequentialOptions): Network {
  const { name = "sequential", input } = ownOptions("sequential", options, sequentialRules);
  const steps = stepsOf(options);
  const all = steps.flatMap(wholeOf);
  const layers = all.flatMap(({ layer }) => layer ?? []);
  const carried = all.flatMap((step) => step.carried ?? []);
  const rowStates = all.flatMap((step) => step.rowStates ?? []);
  return {
    name,
    layers,
    places: all.flatMap(({ place }) => place ?? []),
    ...(carried.length > 0 && { carried }),
    ...(rowStates.length > 0 && { rowStates }),
    kept: all.reduce((sum, { layer, shape, kept = 0 }) => sum + kept + (layer ? sizeOf(shape) : 0), 0),
    description: { ...options, name },
    titles: Object.fromEntries(
      all.flatMap(({ layer, title }) => (layer && title !== undefined ? [[layer.name, title]] : [])),
    ),
    init: (key) => initLayers(key, layers),
    apply: (at: Layers, x: np.Array, act: ApplyEffect) =>
      steps.reduce((y, step) => step.apply(y, at, act), x.reshape([x.shape[0] as number, ...input])),
  };
}

/** A step as it was read: where it stands in words, and itself. */
interface PlacedStep extends Step {
  readonly title: string;
}

function stepsOf({ input, outputs, perStep = false, layers }: SequentialOptions): readonly PlacedStep[] {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw inputError(
      `a network must have a list of layers, but got ${briefText(layers)}; see docs/networks.md`,
    );
  }
  const steps = chain(layers, { ...start(input, outputs), perStep });
  const last = steps.at(-1) as PlacedStep;
  const wanted = perStep ? [input[0], outputs] : [outputs];
  if (last.shape.join() === wanted.join()) return steps;
  throw inputError(
    `the last layer must give the ${outputs} outputs that the data ask for${perStep ? `, at each of ${input[0]} steps` : ""}, but ${last.title} gives [${last.shape.join(", ")}]; end with a linear layer, whose outputs may be left out`,
  );
}

/** Where steps that follow each other begin. */
interface Beginning {
  readonly input: readonly number[];
  /** Outputs of the whole network. */
  readonly outputs: number;
  readonly perStep: boolean;
  /** What precedes a step's own title: that of the step which it is part of. */
  readonly title: string;
  /** Where the input comes from, in words. */
  readonly source: string;
  /** All steps whose names are taken. */
  readonly before: readonly Step[];
}

const start = (input: readonly number[], outputs: number): Beginning => ({
  ...{ input, outputs, perStep: false },
  ...{ title: "", source: "the data", before: [] },
});

/**
 * Steps that a network may have. Two epochs of the digits with 250 linear layers of 3 units, their compilation first, take 27 s of processor time
 * and 940 MiB, almost all of it for the compilation; beyond, the time in which onnxruntime makes a session grows with their square.
 */
const MOST_STEPS = 250;

function chain(configs: readonly unknown[], beginning: Beginning): readonly PlacedStep[] {
  const count = beginning.before.length + configs.length;
  if (count > MOST_STEPS) {
    throw inputError(
      `a network must have at most ${MOST_STEPS} layers, but got ${count}; leave some out, or compute them in a module`,
    );
  }
  const steps: PlacedStep[] = [];
  for (const config of configs) steps.push(stepBehind(steps, config, beginning));
  return steps;
}

/**
 * A single step for examples of a shape, as a network has it in the first place.
 *
 * @throws {HypertrainError} for one that is none, or does not fit.
 */
export const stepOf = (config: StepConfig, input: readonly number[], outputs = 1): Step =>
  stepBehind([], config, start(input, outputs));

function stepBehind(steps: readonly PlacedStep[], config: unknown, beginning: Beginning): PlacedStep {
  const { kind, values, ...read } = readStep(config, `${beginning.title}layer ${steps.length + 1}`);
  const before = [...beginning.before, ...steps].flatMap(wholeOf);
  const name = read.name ?? nameFor(kind, before);
  const title = kind.prefix === undefined ? read.title : read.titleWith(name);
  const { shape, title: source } = steps.at(-1) ?? { shape: beginning.input, title: beginning.source };
  const { outputs, perStep } = beginning;
  const place: StepPlace = {
    ...{ name, title, outputs, perStep },
    layers: before.flatMap(({ layer }) => layer ?? []),
    inside: (configs, input, beside = []) =>
      chain(configs, {
        ...{ input, outputs, perStep, source },
        title: `${title}, `,
        before: [...before, ...beside],
      }),
  };
  const must = kind.misfit?.(shape, values, place);
  if (must !== undefined) {
    throw inputError(
      `${title} must get ${must}, but gets [${shape.join(", ")}] from ${source}; change one of the two`,
    );
  }
  const step = kind.step(shape, values, place);
  for (const role of ["layer", "dropout"] as const) {
    const namesOf = (part: Step) =>
      (role === "layer" ? part.layer?.name : part.place && placeKey(part.place)) ?? [];
    const own = wholeOf(step).flatMap(namesOf);
    if (!before.flatMap(namesOf).some((taken) => own.includes(taken))) continue;
    throw inputError(
      `${title} must have a name of its own, but another ${role} is called "${name}" too; give it a "name"`,
    );
  }
  return { ...step, title, ...(kind.prefix !== undefined && { called: name }) };
}

/** A layer's number among those of its prefix, a dropout's layer before it. */
function nameFor({ prefix }: Kind, before: readonly Step[]): string {
  const layers = before.flatMap(({ layer }) => layer ?? []);
  if (prefix === undefined) return layers.at(-1)?.name ?? "input";
  const taken = [...layers.map(({ name }) => name), ...before.flatMap(({ called }) => called ?? [])];
  const free = [...taken, ""].map((_, i) => `${prefix}${i + 1}`).find((name) => !taken.includes(name));
  return free as string; // more candidates than layers
}

/** @param place where the step stands, in words */
function readStep(config: unknown, place: string) {
  const { layer, name, ...given } = (typeof config === "object" && config !== null ? config : {}) as Record<
    string,
    unknown
  >;
  const known = Object.keys(kinds);
  if (typeof layer !== "string" || !Object.hasOwn(kinds, layer)) {
    throw inputError(
      `${place} must be { "layer": KIND, … } with one of the kinds ${known.join(", ")}, but got ${briefText(layer ?? config)}${typeof layer === "string" ? nearest(layer, known) : ""}`,
    );
  }
  const title = `${place} (${layer})`;
  if (name !== undefined && (typeof name !== "string" || !/^[a-z][a-z0-9-]*$/i.test(name))) {
    throw inputError(
      `the name of ${title} must be letters, digits and hyphens, but got ${briefText(name)}; change it`,
    );
  }
  if (name !== undefined && isReserved(name)) {
    throw inputError(`the name of ${title} must not be ${reserved}, but got ${briefText(name)}; change it`);
  }
  const kind: Kind = kinds[layer as KindName];
  return {
    ...{ kind, title },
    titleWith: (own: string) => `${place} (${layer} "${own}")`,
    ...(name !== undefined && { name }),
    values: valuesOf(kind, given, title),
  };
}

function valuesOf(
  { options }: Kind,
  given: Readonly<Record<string, unknown>>,
  title: string,
): Values<Kind["options"]> {
  const known = Object.keys(options);
  const stranger = Object.keys(given).find((option) => !known.includes(option));
  if (stranger !== undefined) {
    const has = known.length === 0 ? "no options" : `no options but ${known.join(", ")}`;
    throw inputError(
      `${title} must have ${has}, but got ${briefText(stranger)}${nearest(stranger, known)}; leave it out`,
    );
  }
  return Object.fromEntries(
    Object.entries(options).map(([option, { must, read, ...rest }]) => {
      if (given[option] === undefined && "fallback" in rest) return [option, rest.fallback];
      const value = read(given[option]);
      if (value !== undefined) return [option, value];
      const got = given[option] === undefined ? "it is missing" : `got ${briefText(given[option])}`;
      throw inputError(`${option} of ${title} must be ${must}, but ${got}; give it as such`);
    }),
  );
}
