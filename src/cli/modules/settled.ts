import { neutralised } from "../../util/text.ts";

/** How a process ends before its work: nothing is left that it waits for, or code of the work ends it by `process.exit`. */
export type EarlyEnd = "waits" | "exits";

/** The errors of what is awaited, the innermost last. */
const awaited: ((how: EarlyEnd) => Error)[] = [];

/** The error of work that is still awaited as the process ends by `process.exit`; nothing where none is. */
export const cutShort = (): Error | undefined => awaited.at(-1)?.("exits");

/**
 * Awaits work that may never end. Where it does not, and nothing is left that Node waits for, Node would leave without a word.
 *
 * @param unfinished the error of such an end; of work within other work the inner one's
 * @param still told on stderr where the work has not ended after ten seconds: what Node waits for, such as a timer, may keep it from ever ending
 */
export async function settled<T>(
  work: () => Promise<T>,
  unfinished: (how: EarlyEnd) => Error,
  still?: string,
): Promise<T> {
  const own = (how: EarlyEnd) => unfinished(how); // another for each work
  const left = Promise.withResolvers<never>();
  const hear = () => {
    if (awaited.at(-1) === own) left.reject(unfinished("waits"));
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
