import type { Host } from "./host.ts";

/** When hyperparameter steps fall: one rhythm for all methods that take them between training steps. */
export interface Rhythm {
  /** Epochs at the start without hyperparameter steps; a fraction is rounded up to whole steps. */
  readonly warmupEpochs: number;
  /** Training steps between hyperparameter steps. */
  readonly trainSteps: number;
  /** Hyperparameter steps each time. */
  readonly validSteps: number;
}

/** How long an epoch is, and when the run has ended the warm-up, where it has. */
export type Pace = Pick<Host, "stepsPerEpoch" | "warmedUp">;

/** Training steps since the warm-up; negative during it. */
export const sinceWarmup = (
  step: number,
  { warmupEpochs }: Pick<Rhythm, "warmupEpochs">,
  { stepsPerEpoch, warmedUp }: Pace,
): number => step - Math.min(warmupSteps(warmupEpochs, stepsPerEpoch), warmedUp?.() ?? Infinity);

/** The indices of the hyperparameter steps due after the training step `step`. */
export function tuningStepsAfter(step: number, rhythm: Rhythm, pace: Pace): readonly number[] {
  const { trainSteps, validSteps } = rhythm;
  const since = sinceWarmup(step, rhythm, pace);
  if (since < 0 || (since + 1) % trainSteps !== 0) return [];
  const round = (since + 1) / trainSteps - 1;
  return Array.from({ length: validSteps }, (_, i) => round * validSteps + i);
}

/** The hyperparameter steps that fall due before a training step. */
export const tuningStepsBefore = (step: number, rhythm: Rhythm, pace: Pace): number =>
  Math.max(0, Math.floor(sinceWarmup(step, rhythm, pace) / rhythm.trainSteps)) * rhythm.validSteps;

/**
 * Whether a response that learns in every `responseEvery`-th step does so in one: in those that hyperparameter steps follow, where `trainSteps` is a multiple of it, else
 * counted so that as many as can be are. A warm-up that the run ends sooner moves nothing here, since the inputs of a step are made before that is known.
 *
 * @param step of the training under way
 */
export const learnsInStep = (
  step: number,
  {
    warmupEpochs,
    trainSteps,
    responseEvery,
  }: Omit<Rhythm, "validSteps"> & { readonly responseEvery: number },
  { stepsPerEpoch }: Pick<Pace, "stepsPerEpoch">,
): boolean => {
  const warmup = warmupSteps(warmupEpochs, stepsPerEpoch);
  const shift = Number.isFinite(warmup) ? warmup % commonDivisor(trainSteps, responseEvery) : 0;
  return (step + 1 - shift) % responseEvery === 0;
};

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/**
 * Whether a response that learns in every `responseEvery`-th step does so in one, of parallel streams: minibatches come in the same order in every epoch, so that it begins
 * one place earlier in each, and in time learns from all.
 */
export const learnsOfStreams = (step: number, responseEvery: number, pace: Pace): boolean => {
  const { place, epoch } = placeOf(step, pace);
  return (place + epoch + 1) % responseEvery === 0;
};

/** Which half of parallel streams, 0 or 1, a response learns from in a step: by turns, and of the same minibatch the other one the next time that it learns from it. */
export const turnOfStreams = (step: number, responseEvery: number, pace: Pace): number => {
  const { place, epoch } = placeOf(step, pace);
  return (place + Math.floor(epoch / responseEvery)) % 2;
};

/** Where a step stands in the order of minibatches, and in which epoch. */
const placeOf = (step: number, { stepsPerEpoch }: Pace) => ({
  place: step % stepsPerEpoch,
  epoch: Math.floor(step / stepsPerEpoch),
});

/** The training steps after which the first hyperparameter step has been made. */
export const firstTuning = (
  { warmupEpochs, trainSteps }: Pick<Rhythm, "warmupEpochs" | "trainSteps">,
  stepsPerEpoch: number,
): number => warmupSteps(warmupEpochs, stepsPerEpoch) + trainSteps;

/** 0 epochs are 0 steps, also where an epoch has no end. */
const warmupSteps = (epochs: number, stepsPerEpoch: number): number =>
  epochs === 0 ? 0 : Math.ceil(epochs * stepsPerEpoch);
