import type { Series } from "./chart.tsx";

/** Points of trials, those beyond the bounds in a colour of their own. */
export const pointsOf = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  ids: ArrayLike<number>,
  within: Uint32Array,
  beyond: Uint32Array,
  called = "trial",
): readonly Series[] => [
  { kind: "points", x, y, rows: within, color: "faint", ids, name: called },
  ...(beyond.length > 0
    ? [
        {
          kind: "points" as const,
          x,
          y,
          rows: beyond,
          color: "beyond",
          ids,
          name: `beyond the bounds: ${called}`,
        },
      ]
    : []),
];
