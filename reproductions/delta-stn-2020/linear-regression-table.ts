import { strength } from "./ridge-with-dropout.ts";

/** A place in the plane of weight decay and dropout rate. */
export interface Place {
  readonly l2: number;
  readonly dropout: number;
}

/** One data set with one number of training rows: the closed form, and where the methods went. */
export interface Case {
  readonly set: string;
  readonly rows: number;
  readonly optimum: Place & { readonly loss: number };
  /** Excess of the closed-form validation loss over the optimum, in percent of it, on a grid. */
  readonly map: readonly (Place & { readonly excess: number })[];
  readonly paths: readonly Path[];
}

/** The course of one run; `trained` is the excess of the trained model's own validation loss. */
export interface Path {
  readonly start: string;
  readonly method: string;
  readonly points: readonly (Place & Excess & { readonly step: number })[];
}

interface Excess {
  readonly excess: number;
  readonly trained: number;
}

/** The numbers of a case that are kept. */
export const summary = ({ set, rows, optimum, paths }: Case) => ({
  set,
  rows,
  optimum: {
    loss: rounded(optimum.loss),
    l2: rounded(optimum.l2),
    dropout: rounded(optimum.dropout),
    strength: rounded(strength(optimum.l2, optimum.dropout)),
  },
  results: paths.map((path) => {
    const { l2, dropout, excess, trained, worst } = endOf(path);
    return {
      start: path.start,
      method: path.method,
      l2: rounded(l2),
      dropout: rounded(dropout),
      strength: rounded(strength(l2, dropout)),
      validLoss: rounded(optimum.loss * (1 + excess / 100)),
      trainedValidLoss: rounded(optimum.loss * (1 + trained / 100)),
      excess: rounded(excess),
      trainedExcess: rounded(trained),
      worstTrainedExcess: rounded(worst),
    };
  }),
});

/** The first two lines of the table in Markdown. */
export const tableHead = (methods: readonly string[]): string =>
  [
    `| set | rows | start | loss | λ, p | ρ | ${methods.join(" | ")} |`,
    `|---|---|---|---|---|---|${methods.map(() => "---|").join("")}`,
  ].join("\n");

/** A case in Markdown: the optimum, and a line for each start and for each method its excess / that of the
 * trained model, its highest over the last fifth of the run (ρ). */
export function tableRow({ set, rows, optimum, paths }: Case): string {
  const starts = [...new Set(paths.map(({ start }) => start))];
  const best = `${optimum.loss.toFixed(4)} | ${optimum.l2.toExponential(0)}, ${optimum.dropout.toFixed(2)} | ${short(strength(optimum.l2, optimum.dropout))}`;
  return starts
    .map((start) => {
      const cells = paths
        .filter((path) => path.start === start)
        .map(endOf)
        .map(
          ({ l2, dropout, excess, trained, worst }) =>
            `${excess.toFixed(2)} / ${trained.toFixed(1)}, ${worst.toFixed(1)} (${short(strength(l2, dropout))})`,
        );
      return `| ${set} | ${rows} | ${start} | ${best} | ${cells.join(" | ")} |`;
    })
    .join("\n");
}

/** What differs by more than the tolerance from the stored numbers, for the cases that are stored; a sentence each. */
export function deviations(
  found: readonly ReturnType<typeof summary>[],
  stored: readonly ReturnType<typeof summary>[],
  tolerance: Excess,
): string[] {
  return found.flatMap(({ set, rows, results }) => {
    const before = stored.find((other) => other.set === set && other.rows === rows);
    return results.flatMap((now) => {
      const then = before?.results.find(({ start, method }) => start === now.start && method === now.method);
      if (!then) return [];
      const off =
        Math.abs(now.excess - then.excess) > tolerance.excess ||
        Math.abs(now.trainedExcess - then.trainedExcess) > tolerance.trained;
      const told = ({ excess, trainedExcess }: typeof now) => `${excess} % (trained ${trainedExcess} %)`;
      return off
        ? [`${set}, ${rows} rows, ${now.start} start, ${now.method}: ${told(now)}, expected ${told(then)}`]
        : [];
    });
  });
}

/** The last point, with the highest excess of the trained model over the last fifth of the run. */
const endOf = ({ points }: Path) => {
  const last = points.at(-1) as Path["points"][number];
  const settled = points.filter(({ step }) => step >= 0.8 * last.step);
  return { ...last, worst: Math.max(...settled.map(({ trained }) => trained)) };
};

const rounded = (value: number): number => Number(value.toPrecision(4));
const short = (value: number): string => (value < 1e-3 ? value.toExponential(0) : value.toPrecision(2));
