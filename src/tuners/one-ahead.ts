/** Values by step, each of which may be made before it is asked for. */
export interface OneAhead<T> {
  take(step: number): T;
  /** Makes the value of the step behind the last that was taken; for when an engine is at work. */
  prepare(): void;
  /** Forgets what was made ahead, which would be made otherwise now. */
  forget(): void;
}

/** Makes a value for each step, a function of it alone, and that of the next step before it is asked for. */
export function oneAhead<T>(make: (step: number) => T): OneAhead<T> {
  let next: number | undefined;
  let prepared: { readonly step: number; readonly value: T } | undefined;
  return {
    take(step) {
      const value = prepared?.step === step ? prepared.value : make(step);
      next = step + 1;
      prepared = undefined;
      return value;
    },
    prepare() {
      if (next !== undefined && prepared?.step !== next) prepared = { step: next, value: make(next) };
    },
    forget() {
      prepared = undefined;
    },
  };
}
