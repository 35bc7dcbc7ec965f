import type { KnownNetwork } from "./asked-network.ts";
import type { ModuleDocument } from "./model-document.ts";
import { HostArray, sizeOf } from "../util/host-array.ts";
import { normalsAt, streamKey, uniformsAt } from "../util/random.ts";

/** Enough for a network of another activation, or of an operation more or less, to answer otherwise. */
const ROWS = 4;

/** The most numbers that `model.json` keeps of the answers. */
const MOST = 64;

/**
 * Rows of no data, the same every time, that a network is asked for so that it is known again: standard normal numbers, as standardised data are, or words of
 * a text, all as likely: [rows, ...inputShape].
 */
export function knownRows(
  { inputShape, outputs }: Pick<KnownNetwork, "inputShape" | "outputs">,
  { words }: { readonly words: boolean },
): HostArray {
  const shape = [ROWS, ...inputShape];
  const key = streamKey(0, "rows that a network is known again by");
  const values = words
    ? Int32Array.from(uniformsAt(key, 0, sizeOf(shape)), (uniform) => Math.floor(uniform * outputs))
    : Float32Array.from(normalsAt(key, 0, sizeOf(shape)));
  return new HostArray(values, shape);
}

/** What `model.json` keeps of a network's answers to such rows: numbers of all rows alike, to seven digits, null where they are infinite or none. */
export function keptAnswers({ data }: HostArray): ModuleDocument["answers"] {
  const count = Math.min(data.length, MOST);
  return Array.from({ length: count }, (_, i) => {
    const value = data[Math.floor((i * data.length) / count)] as number;
    return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
  });
}

/** The first two answers that differ by more than engines round, as `[then, now]`; undefined where all are the same. */
export function firstChange(
  then: ModuleDocument["answers"],
  now: ModuleDocument["answers"],
): readonly [number | null | undefined, number | null | undefined] | undefined {
  const size = then.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  const isSame = (a: number | null | undefined, b: number | null | undefined) =>
    typeof a === "number" && typeof b === "number" ? Math.abs(a - b) <= ROUNDING * size : a === b;
  const count = Math.max(then.length, now.length);
  const at = Array.from({ length: count }, (_, i) => i).find((i) => !isSame(then[i], now[i]));
  return at === undefined ? undefined : [then[at], now[at]];
}

/** Of float32 through a deep network on two engines, as a share of the largest answer. */
const ROUNDING = 1e-3;
