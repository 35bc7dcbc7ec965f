/** The same names with other values. */
export const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** A value for each of some names. */
export const recordOf = <Name extends string, T>(
  names: readonly Name[],
  make: (name: Name) => T,
): Record<Name, T> => Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>; // of all names

/** Whether a value is the name of an entry; what is no text may not even become one. */
export const isKeyOf = <T extends object>(record: T, name: unknown): name is keyof T & string =>
  typeof name === "string" && Object.hasOwn(record, name);

/** Whether a value is an object with values by name, as JSON has them: no list, and not null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Without the fields that are undefined, as exact optional fields ask for. */
export const defined = <T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
