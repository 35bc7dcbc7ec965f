import { inputError } from "./error.ts";
import { oneLine } from "./text.ts";

/**
 * JSON from a file's text.
 *
 * @throws {HypertrainError} naming the file.
 */
export function parseJson(text: string, path: string): unknown {
  if (depthOf(text) > DEEPEST) {
    throw inputError(`${path} must not nest more than ${DEEPEST} levels deep, but does; flatten it`);
  }
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw inputError(`${path} must be JSON, but ${oneLine((cause as Error).message)}`, { cause });
  }
}

/** More than any document of ours has, and few enough for whoever walks it by recursion. */
const DEEPEST = 100;

/** How deep brackets nest, those in strings left out. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}
