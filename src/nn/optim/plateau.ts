import { ownOptions } from "../../util/given.ts";
import { count, number, type Rules } from "../../util/rule.ts";

/** When a learning rate is lowered by the validation loss, and how far. */
export interface PlateauOptions {
  /** n: the latest evaluations that a loss need not beat; default 5. */
  readonly wait?: number;
  /** What the learning rate is multiplied by each time, between 0 and 1; default 0.25. */
  readonly factor?: number;
}

/** What a plateau remembers from evaluation to evaluation: numbers that survive JSON. */
export interface PlateauState {
  /** How often it has lowered the rate. */
  readonly cuts: number;
  /** The losses of the latest n evaluations. */
  readonly recent: readonly number[];
  /** The lowest of all before these; absent where there are none. */
  readonly least?: number;
}

/** Before the first evaluation. */
export const freshPlateau: PlateauState = { cuts: 0, recent: [] };

/** What is remembered behind one more evaluation. */
export type Plateau = Readonly<{
  seen(state: PlateauState, loss: number): PlateauState;
  /** The factor on the learning rate from there on. */
  factorOf(state: PlateauState): number;
}>;

/** What options of a plateau must be. */
export const plateauRules = {
  ...{ wait: count, factor: number({ above: 0, below: 1 }) },
} satisfies Rules<PlateauOptions>;

/**
 * The non-monotone criterion: the learning rate is lowered behind each evaluation whose loss is above the lowest of all but the n before it. So a loss may rise for
 * a while, as it does in language models, without a cut.
 *
 * ```ts
 * const { seen, factorOf } = plateau({ wait: 1, factor: 0.5 });
 * factorOf([3, 1, 2, 2].reduce(seen, freshPlateau)); // 0.5: the last 2 is above 1, and the 2 before it is not above 3
 * ```
 *
 * @see Merity, Keskar, Socher, "Regularizing and optimizing LSTM language models", 2018, https://arxiv.org/abs/1708.02182, algorithm 1, which begins to average there; lowering
 *   the rate in its place is "Self-tuning networks" (MacKay et al. 2019) on the Penn Treebank
 * @throws {HypertrainError} if `wait` is not a positive integer, the factor not between 0 and 1, or an option is none of these.
 */
export function plateau(options: PlateauOptions = {}): Plateau {
  const { wait = 5, factor = 0.25 } = ownOptions("plateau", options, plateauRules);
  return {
    seen({ cuts, recent, least = Infinity }, loss) {
      const [oldest = Infinity] = recent.length < wait ? [] : recent;
      const best = Math.min(least, oldest);
      return {
        cuts: loss > least ? cuts + 1 : cuts,
        recent: [...recent, loss].slice(-wait),
        ...(best < Infinity && { least: best }),
      };
    },
    factorOf: ({ cuts }) => factor ** cuts,
  };
}
