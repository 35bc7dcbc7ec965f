/** Reads a user's file or folder, or takes what was kept of it. */
export type Keep = <T>(read: () => Promise<T>) => Promise<T>;

/** Keeps nothing. */
export const anew: Keep = (read) => read();

/** Keeps the first that is read, for all who read the same again. */
export function readOnce(): Keep {
  let known: Promise<unknown> | undefined;
  return (read) => (known ??= read()) as ReturnType<typeof read>; // the same, so of the same type
}
