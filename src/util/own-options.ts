import { inputError } from "./error.ts";
import { nearest } from "./nearest.ts";
import { shown } from "./shown.ts";

/**
 * The options themselves, all of which are known: one that is ignored without a word would be taken for one that works.
 *
 * ```ts
 * const { startupTrials = 10 } = ownOptions("tpe", options, { startupTrials: true, candidates: true });
 * ```
 *
 * @param of what they are options of, as a message calls it
 * @throws {HypertrainError} where they are no object, or for a name that is none of the known.
 */
export function ownOptions<O extends object>(
  of: string,
  options: O,
  known: Readonly<Record<keyof O, true>>,
): O {
  const names = Object.keys(known);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw inputError(
      `${of} must be given its options as an object${names[0] === undefined ? "" : `, such as { ${names[0]}: … }`}, but got ${shown(options)}; name them`,
    );
  }
  const other = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (other === undefined) return options;
  throw inputError(
    `${of} must be given options of its own, but got ${shown(other)}${nearest(other, names) || `; ${names.length === 0 ? "it has none" : `it has ${names.join(", ")}`}`}`,
  );
}
