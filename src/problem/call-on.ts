import type { numpy as np } from "@jax-js/jax";

import type { Dataset, Splits } from "../data/dataset.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { spentConstant } from "../engine/transform.ts";
import { HypertrainError, inputError } from "../util/error.ts";
import { isPromise } from "../util/given.ts";
import { optionText } from "../util/option-text.ts";
import { freedShape, placeOf, thrown, withLongStacks } from "../util/thrown.ts";
import { inWords } from "../util/words.ts";
import type { Batch, Mode, Problem } from "./problem.ts";
import { arraysIn, copied, isGone, isSpent, overusedBy, type Give } from "./references.ts";

/** What a problem's functions are traced on. */
export interface Tracing {
  readonly part: keyof Splits;
  readonly data: Dataset;
  readonly rows: number;
  readonly mode: Mode;
}

/** A function of a problem, and what must be true of what it returns. */
export interface AskedFunction<Result> {
  /** Its name. */
  readonly what: string;
  call(give: Give, seen: (batch: Batch) => Batch): Result;
  /** @throws {HypertrainError} */
  demand(result: Result): void;
}

/**
 * Calls one of a problem's functions, and tells what is wrong with it where it throws, or reads fields that it does not name. It is called once more than is needed, and
 * again where an array of its own is gone by then, so that jax-js misses it.
 *
 * @param traced any array of the trace
 */
export function callOn<Result extends ArrayTree>(
  { what, call: f, demand }: AskedFunction<Result>,
  { fields, name, augmentation }: Problem,
  { part, data, rows }: Tracing,
  traced: np.Array,
): Result {
  const absent = new Set<string>();
  const demandNamed = () => {
    const unnamed = [...absent].find((field) => fieldNames(data).includes(field));
    if (unnamed === undefined) return;
    throw inputError(
      `${what} of the problem "${name}" must read fields that the problem names, but reads "${unnamed}" where ${optionText("fields", fields)} is all; add it there`,
    );
  };
  let calls = 0;
  const call = (): Result => {
    calls++;
    const result = withLongStacks(() => f(copied, (batch) => watched(batch, absent)));
    if (isPromise(result)) Promise.resolve(result).catch(() => {}); // it is refused, whatever comes of it
    demandNamed();
    demand(result);
    return result;
  };
  try {
    const [gone] = arraysIn(call()).find(([, array]) => isGone(array)) ?? [];
    if (gone !== undefined) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of what it returns but the last, but returns ${gone === "" ? "an array" : `"${gone}"`} after a use without; add it at the earlier use`,
      );
    }
    const result = call();
    const [, kept] = arraysIn(result).find(([, array]) => isSpent(array)) ?? [];
    if (kept) {
      throw inputError(
        `${what} of the problem "${name}" must return the \`.ref\` of an array that the module keeps, but returns one of the shape [${kept.shape.join(", ")}] itself, which its first call has used up; write \`.ref\` behind it`,
      );
    }
    const spent = spentConstant(traced);
    if (!spent) return result;
    call();
    throw inputError(
      `${what} of the problem "${name}" must write \`.ref\` at every use of an array but the last, but uses one that it makes, of the shape [${spent.join(", ")}], again after a use without; add it at the earlier use`,
    );
  } catch (cause) {
    if (cause instanceof HypertrainError) throw cause;
    demandNamed();
    const [lacking] = absent;
    if (lacking !== undefined && !augmentation) {
      throw inputError(
        `${what} of the problem "${name}" must read fields that data.${part} has, but reads "${lacking}", which it lacks; add it there`,
        { cause },
      );
    }
    const freed = freedShape(cause);
    if (freed !== undefined && calls > 1) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of an array that the module keeps, the last as well, but used up one of the shape ${freed} and needs it again${placeOf(cause)}; add it`,
        { cause },
      );
    }
    const overused = freed !== undefined ? overusedBy((give) => f(give, (batch) => batch)) : [];
    if (overused.length > 0) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of ${inWords(
          overused.map((path) => `"${path}"`),
          "and",
        )} but the last, but uses ${overused.length === 1 ? "it" : "them"} again after a use without${placeOf(cause)}; add it at the earlier use`,
        { cause },
      );
    }
    throw inputError(
      `${what} of the problem "${name}" must work on a minibatch of ${rows} rows, but threw: ${thrown(cause)}${augmentation ? "; where it needs a field that the augmentation makes, let it do without, as evaluation has none" : ""}`,
      { cause },
    );
  }
}

/** The names of all fields of a part. */
export const fieldNames = ({ fields, coded }: Dataset): string[] => Object.keys({ ...fields, ...coded });

/** A batch that notes which fields are read that it has not. */
const watched = (batch: Batch, absent: Set<string>): Batch =>
  new Proxy(batch, {
    get(fields, name, self) {
      if (typeof name === "string" && !(name in fields)) absent.add(name);
      return Reflect.get(fields, name, self) as np.Array;
    },
  });
