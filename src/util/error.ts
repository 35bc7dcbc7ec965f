/** What went wrong, in a form that programs can branch on. */
export type ErrorCode =
  /** Wrong usage, a malformed file, an impossible setting: the caller can mend it. The CLI exits with 2. */
  | "input"
  /** Training itself failed, for example a loss that is not finite. The CLI exits with 1. */
  | "work";

/**
 * The one error class of hypertrain for what a caller can do something about.
 *
 * The message says what must hold, what was received and what to do, in one sentence. Bugs of hypertrain itself are plain
 * `Error`s whose message starts with `internal:`.
 */
export class HypertrainError extends Error {
  readonly code: ErrorCode;
  /** What another method would have to be able to do, where that would mend it; who knows the methods says which can. */
  readonly need: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { readonly need?: string } = {}) {
    super(message, options);
    this.name = "HypertrainError";
    this.code = code;
    this.need = options.need;
  }
}

/** An error that the caller can mend: see {@link HypertrainError}. */
export const inputError = (message: string, options?: ErrorOptions): HypertrainError =>
  new HypertrainError("input", message, options);

/** A failure of the work itself: see {@link HypertrainError}. */
export const workError = (message: string, options?: ErrorOptions): HypertrainError =>
  new HypertrainError("work", message, options);
