/** One setting of a kind of step, as networks in JSON give it. */
export interface Option<T, Given = T> {
  /** What a value must be, for sentences. */
  readonly must: string;
  /** Absent where a value must be given. */
  readonly fallback?: T;
  /** The value, or nothing where it is none. */
  read(given: unknown): T | undefined;
  /** Only its type counts. */
  readonly given?: Given;
}

/** The options of a kind, by name. */
export type Options = Readonly<Record<string, Option<unknown, unknown>>>;

/** Values of options as they were read. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T, infer _> ? T : never;
};

/** Values of options as they are given: those with a fallback may be left out. */
export type Given<O extends Options> = {
  readonly [K in keyof O]?: O[K] extends Option<infer _, infer G> ? G : never;
};

const isCount = (value: unknown, least: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least;

/** A whole number. */
export const count = (fallback?: number, least = 1): Option<number> => ({
  must: `a whole number from ${least} on`,
  ...(fallback !== undefined && { fallback }),
  read: (given) => (isCount(given, least) ? given : undefined),
});

/** An option that may be absent. */
export const optional = <T, G>(option: Option<T, G>): Option<T | undefined, G> => ({
  ...option,
  fallback: undefined,
});

/** One whole number for both sides of an image, or `[height, width]`. */
export const sides = (
  fallback?: number,
  least = 1,
): Option<readonly [number, number], number | readonly [number, number]> => ({
  must: `a whole number from ${least} on, or two of them as [height, width]`,
  ...(fallback !== undefined && { fallback: [fallback, fallback] }),
  read(given) {
    if (isCount(given, least)) return [given, given];
    const both = Array.isArray(given) && given.length === 2 && given.every((side) => isCount(side, least));
    return both ? (given as unknown as [number, number]) : undefined;
  },
});

/** A step that is part of another, as JSON holds it: it is looked at when it is read. */
export interface InnerConfig {
  readonly layer: string;
  readonly name?: string;
  readonly [option: string]: unknown;
}

/** A list of steps. */
export const steps = (fallback?: readonly InnerConfig[]): Option<readonly InnerConfig[]> => ({
  must: "a list of layers",
  ...(fallback !== undefined && { fallback }),
  read: (given) => (Array.isArray(given) ? (given as readonly InnerConfig[]) : undefined), // each is looked at where it stands
});

/** One of several words. */
export const oneOf = <const Words extends readonly string[]>(
  words: Words,
  fallback?: Words[number],
): Option<Words[number]> => ({
  must: words.join(" or "),
  ...(fallback !== undefined && { fallback }),
  read: (given) => words.find((word) => word === given),
});

/** True or false. */
export const flag = (fallback: boolean): Option<boolean> => ({
  must: "true or false",
  fallback,
  read: (given) => (typeof given === "boolean" ? given : undefined),
});
