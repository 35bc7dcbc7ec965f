/** What is awaited, the innermost last. */
const awaited: symbol[] = [];

/**
 * Awaits work that may never end. Where it does not, and nothing is left that Node waits for, Node would leave without a word.
 *
 * @param unfinished the error of such an end; of work within other work the inner one's
 */
export async function settled<T>(work: () => Promise<T>, unfinished: () => Error): Promise<T> {
  const own = Symbol("work");
  const left = Promise.withResolvers<never>();
  const hear = () => {
    if (awaited.at(-1) === own) left.reject(unfinished());
  };
  awaited.push(own);
  process.on("beforeExit", hear);
  try {
    return await Promise.race([work(), left.promise]);
  } finally {
    process.off("beforeExit", hear);
    awaited.splice(awaited.indexOf(own), 1);
  }
}
