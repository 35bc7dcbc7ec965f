import type { TopLevelSpec } from "vega-lite";

import type { PaperClaim, Reproduced, ReproductionScale } from "../reproduction.ts";

/** Where a run stood: mean squared errors over examples and outputs. */
interface Point {
  readonly step: number;
  readonly seconds: number;
  readonly valid: number;
  readonly test: number;
}

/** One training run of a network. */
export interface Curve {
  readonly method: string;
  readonly points: readonly Point[];
  readonly final: Point;
  /** Standard deviation of the final λ_i over the weights. */
  readonly spread: number;
}

/** A network and the runs that trained it: hyper-training, penalties held, elementwise, hand-tuned; others may follow. */
export interface Network {
  readonly name: string;
  readonly hyperparameters: number;
  /** The λ that the hand-tuned run shares among all weights. */
  readonly sharedPenalty: number;
  readonly curves: readonly Curve[];
}

/** The paper's mean squared errors on validation data. */
const PAPER = [
  { tuned: 0.039, hand: 0.037 }, // 784-10
  { tuned: 0.0128, hand: 0.0137 }, // 784-100-10
  { tuned: 0.0105, hand: 0.013 }, // 784-100-100-10
];
const NEAR = 0.1; // relative

/** The curves of all networks as the paper draws them, and what it says of them. */
export function figureOf(networks: readonly Network[], scale: ReproductionScale): Reproduced {
  return {
    numbers: { networks: networks.map(numbersOf) },
    claims: [
      ...networks.flatMap((network, i) => claimsOf(network, i, scale)),
      ...(scale === "paper" ? [gapClaim(networks)] : []),
    ],
    figure: spec(networks),
  };
}

const finals = ({ curves }: Network) => curves.map(({ final }) => final) as [Point, Point, Point, Point];

function claimsOf(network: Network, i: number, scale: ReproductionScale): PaperClaim[] {
  const { name } = network;
  const paper = PAPER[i] as (typeof PAPER)[number];
  const [tuned, held, , hand] = finals(network);
  const measured = `${short(tuned.valid)} (test ${short(tuned.test)})`;
  const level = {
    what: `validation error of ${name}`,
    ...{ expected: `${paper.tuned} within ${100 * NEAR} %`, measured },
    holds: Math.abs(tuned.valid / paper.tuned - 1) < NEAR,
  };
  const below = {
    what: `tuning every penalty of ${name} is below one hand-tuned penalty`,
    ...{
      expected: `${paper.tuned} < ${paper.hand}`,
      measured: `${short(tuned.valid)}, hand-tuned ${short(hand.valid)}`,
    },
    holds: tuned.valid < hand.valid,
  };
  const gain = {
    what: `${name} ends lower than with its penalties held (our control)`,
    ...{ expected: "lower by 1 %", measured: `${short(tuned.valid)}, held ${short(held.valid)}` },
    holds: tuned.valid < 0.99 * held.valid,
  };
  const none = {
    what: `one hand-tuned penalty is no worse than tuning every penalty of ${name}`,
    ...{ expected: `${paper.hand} < ${paper.tuned}`, measured: below.measured },
    holds: hand.valid <= tuned.valid,
  };
  if (scale === "quick") return i === 0 ? [] : [below, gain]; // its networks are others
  return i === 0 ? [level, none] : [level, below, gain];
}

function gapClaim(networks: readonly Network[]): PaperClaim {
  const gaps = networks.map((network) => finals(network)[0].test - finals(network)[0].valid);
  return {
    what: "the gap between validation and test error shrinks with depth",
    expected: "each gap below the last",
    measured: gaps.map(short).join(", "),
    holds: gaps.every((gap, i) => i === 0 || gap < (gaps[i - 1] as number)),
  };
}

const numbersOf = ({ curves, ...network }: Network) => ({
  ...network,
  runs: curves.map(({ method, spread, points }) => ({
    ...{ method, spreadOfLambda: round(spread) },
    points: points.map(({ step, seconds, valid, test }) => [step, round(seconds), round(valid), round(test)]),
  })),
});

const COLOURS: Readonly<Record<string, string>> = {
  "hyper-training": "#08306b",
  "penalties held": "#d95f02",
  elementwise: "#7fb8e6",
  "hand-tuned": "#777777",
  unrolled: "#31a354",
};

/** Error against time above, against steps below; one column a network, one colour a method, one dash a part of the data. */
function spec(networks: readonly Network[]): TopLevelSpec {
  const methods = [...new Set(networks.flatMap(({ curves }) => curves.map(({ method }) => method)))];
  const parts = ["valid", "test"] as const;
  const rowsOf = ({ curves }: Network) =>
    curves.flatMap(({ method, points }) =>
      points.flatMap(({ step, seconds, ...errors }) =>
        parts.map((part) => ({
          method,
          step,
          seconds: round(seconds),
          data: part,
          error: round(errors[part]),
        })),
      ),
    );
  const panel = (x: "seconds" | "step") => (network: Network, i: number) => ({
    ...{ width: 230, height: 190, data: { values: rowsOf(network) } },
    title:
      x === "seconds" ? `${network.name}: ${network.hyperparameters.toLocaleString("en")} penalties` : "",
    mark: { type: "line", strokeWidth: 1.4, clip: true },
    encoding: {
      x: { field: x, type: "quantitative" },
      y: {
        ...{ field: "error", type: "quantitative", title: i === 0 ? "mean squared error" : null },
        axis: { minExtent: 40 },
        scale: { type: "log", nice: false, domain: rangeOf(network) },
      },
      color: {
        ...{ field: "method", legend: { title: null, orient: "bottom" } },
        scale: { domain: methods, range: methods.map((method) => COLOURS[method] ?? "black") },
      },
      strokeDash: {
        ...{ field: "data", legend: { title: null, orient: "bottom" } },
        scale: { domain: parts, range: [[], [4, 3]] },
      },
    },
  });
  const figure = {
    title: {
      text: "Hyper-training, figure 5 below: one L2 penalty for every weight",
      subtitle:
        "MNIST, 10,000 images each for training, validation and test. Seconds of this machine, beside other work.",
    },
    vconcat: (["seconds", "step"] as const).map((x) => ({ hconcat: networks.map(panel(x)), spacing: 20 })),
    padding: 12,
  };
  return figure as unknown as TopLevelSpec; // the panels' literal types are lost in the helper functions
}

/** From below the lowest error to three times it: the start is far above. */
function rangeOf({ curves }: Network): [number, number] {
  const lowest = Math.min(
    ...curves.flatMap(({ points }) => points.flatMap(({ valid, test }) => [valid, test])),
  );
  return [0.95 * lowest, 3 * lowest];
}

const round = (value: number): number => Number(value.toPrecision(4));
const short = (value: number): string => value.toFixed(4);
