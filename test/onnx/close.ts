import { expect } from "vitest";

import type { DType } from "../../src/engine/onnx/value.ts";
import type { Sample } from "./run.ts";

/**
 * Results must agree in shape and numbers; NaN agrees with NaN, and 0 with -0.
 *
 * @param units how far numbers may lie apart, in units of the last place of max(1, |expected|); whole numbers must be equal
 */
export function expectClose(
  actual: readonly Sample[],
  expected: readonly Sample[],
  units: number,
  what: string,
): void {
  const shapes = (samples: readonly Sample[]) => samples.map(({ shape }) => shape);
  expect(shapes(actual), `${what}: shapes`).toEqual(shapes(expected));
  const faults = expected.flatMap((wanted, i) => faultsOf(actual[i]?.data ?? [], wanted, units));
  expect(faults.slice(0, 5), what).toEqual([]);
}

/** The distance between 1 and the next larger number. */
const lastPlace: Partial<Record<DType, number>> = { float64: 2 ** -52, float32: 2 ** -23, float16: 2 ** -10 };

function faultsOf(actual: readonly number[], { data, dtype }: Sample, units: number): string[] {
  const tolerance = units * (lastPlace[dtype] ?? 0);
  return data.flatMap((wanted, i) => {
    const got = actual[i] as number;
    if (Object.is(got, wanted) || got === wanted) return [];
    return Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
      ? []
      : [`[${i}] ${got} instead of ${wanted}`];
  });
}
