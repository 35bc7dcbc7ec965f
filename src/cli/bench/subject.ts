/** What one step of a subject is. */
export type StepKind =
  /** One training step: all updates of weights and response. */
  | "train"
  /** One hyperparameter step. */
  | "tune"
  /** One training step inside the training loop, with its minibatch and its noise. */
  | "loop"
  /** One product of two square matrices of {@link PRODUCT_SIZE}: what this machine can do. */
  | "product";

/** Rows and columns of the matrices whose product shows the rate of a machine. */
export const PRODUCT_SIZE = 1200;

/** Something whose steps are timed. */
export interface Subject {
  /** An engine's name, or `pytorch`. */
  readonly by: string;
  readonly step: StepKind;
  /** The way in which a step is done, where the same program knows several. */
  readonly variant?: string;
  /** Milliseconds of processor time that its process has had, if that is known. */
  readonly processor?: () => number;
  /** Takes steps; the milliseconds of each. */
  take(count: number): Promise<readonly number[]>;
}

/** The times of one subject. */
export interface Measurement extends Pick<Subject, "by" | "step" | "variant"> {
  /** Milliseconds of every step, by round. */
  readonly rounds: readonly (readonly number[])[];
  /** Milliseconds of processor time for a step, by round, those that do not count for its times included. */
  readonly processor?: readonly number[];
}

/** Milliseconds of processor time that this process has had, all of its threads together. */
export function ownProcessor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs an action so many times; the milliseconds of each. */
export async function timed(count: number, action: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await action();
    times.push(performance.now() - begin);
  }
  return times;
}
