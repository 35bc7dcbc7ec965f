import { neutralised } from "../util/text.ts";

/** What is awaited, the innermost last. */
const awaited: symbol[] = [];

/**
 * Awaits work that may never end. Where it does not, and nothing is left that Node waits for, Node would leave without a word.
 *
 * @param unfinished the error of such an end; of work within other work the inner one's
 * @param still told on stderr where the work has not ended after ten seconds: what Node waits for, such as a timer, may keep it from ever ending
 */
export async function settled<T>(
  work: () => Promise<T>,
  unfinished: () => Error,
  still?: string,
): Promise<T> {
  const own = Symbol("work");
  const left = Promise.withResolvers<never>();
  const hear = () => {
    if (awaited.at(-1) === own) left.reject(unfinished());
  };
  awaited.push(own);
  process.on("beforeExit", hear);
  const told = still === undefined ? undefined : setTimeout(() => tell(still), PATIENCE).unref();
  try {
    return await Promise.race([work(), left.promise]);
  } finally {
    clearTimeout(told);
    process.off("beforeExit", hear);
    awaited.splice(awaited.indexOf(own), 1);
  }
}

const tell = (sentence: string): void => void process.stderr.write(neutralised(`${sentence}\n`));

/** Milliseconds, after which people wonder. */
const PATIENCE = 10_000;
