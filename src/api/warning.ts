/** A sentence that is told before training, and what it is about: the data, or the options that were given. */
export interface Warning {
  readonly about: "data" | "options";
  readonly sentence: string;
}
