import type { Series } from "./chart.tsx";
import { pointsOf } from "./points.ts";
import type { Training } from "./trainings.ts";

/** The lowest loss of each training, those beyond the bounds apart, and the lowest so far within them: of all where none keeps them. */
export function historyOf(trainings: readonly Training[]): readonly Series[] {
  const x = trainings.map(({ number }) => number);
  const y = trainings.map(({ best }) => best.valid.loss);
  const [kept, beyond] = byFit(trainings);
  const counted = kept.length > 0 ? kept : beyond;
  let least = Infinity;
  const lows = Array.from(counted, (i) => (least = Math.min(least, y[i] as number)));
  return [
    ...pointsOf(x, y, x, kept, beyond, "training"),
    { kind: "step", x: Array.from(counted, (i) => x[i] as number), y: lows, color: "valid", width: 2 },
  ];
}

/** Places of trainings that keep the bounds of their search, and of those that break them. */
export function byFit(trainings: readonly Training[]): readonly [Uint32Array, Uint32Array] {
  const all = Uint32Array.from(trainings.keys());
  const isBeyond = (i: number): boolean => trainings[i]?.best.unfit === true;
  return [all.filter((i) => !isBeyond(i)), all.filter(isBeyond)];
}
