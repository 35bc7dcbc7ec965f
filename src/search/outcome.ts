import { inputError } from "../util/error.ts";
import { isRecord } from "../util/record.ts";
import { briefText } from "../util/brief-text.ts";
import { measuresOf, type Goals, type SearchObjective, type TrialMeasures } from "./goals.ts";
import type { RunningTrial, Trial, TrialFacts } from "./sampler.ts";

/** What became of a trial: its value, or why it has none. A value that is not finite is a failure. */
export type Outcome =
  | number
  /** Of a search with objectives: what was measured, by name; at least all that its objectives and bounds are about. */
  | { readonly measures: TrialMeasures }
  /** It gave no value, for this reason. */
  | { readonly failed: string }
  /** It was stopped early, at this last value if it had one. */
  | { readonly pruned: number | undefined };

/** A running trial with its outcome. @throws {HypertrainError} for an outcome that is none, or lacks what the goals are about */
export function ended({ number, values }: RunningTrial, outcome: Outcome, goals: Goals | undefined): Trial {
  const facts = { number, values };
  if (goals && isRecord(outcome) && "measures" in outcome) return measured(facts, outcome.measures, goals);
  if (typeof outcome === "number" && !goals) {
    return Number.isFinite(outcome)
      ? Object.freeze({ ...facts, state: "finished", value: outcome })
      : Object.freeze({ ...facts, state: "failed", reason: `its value was ${outcome}` });
  }
  if (isRecord(outcome)) {
    if ("failed" in outcome && typeof outcome.failed === "string") {
      return Object.freeze({ ...facts, state: "failed", reason: outcome.failed });
    }
    if ("pruned" in outcome && (outcome.pruned === undefined || typeof outcome.pruned === "number")) {
      const { pruned } = outcome;
      const value = pruned !== undefined && Number.isFinite(pruned) ? { value: pruned } : {};
      return Object.freeze({ ...facts, state: "pruned", ...value });
    }
  }
  if (goals) {
    throw inputError(
      `the outcome of a trial must be { measures: { ${measuresOf(goals).join(", ")} } }, { failed: "why" } or { pruned: number } in a search with objectives, but trial ${number} was told ${briefText(outcome)}; tell one of these`,
    );
  }
  throw inputError(
    `the outcome of a trial must be a number, { failed: "why" } or { pruned: number }, but trial ${number} was told ${briefText(outcome)}; tell one of these`,
  );
}

function measured(facts: TrialFacts, measures: TrialMeasures, goals: Goals): Trial {
  const lacking = lackingOf(measures, goals);
  if (lacking !== undefined) {
    throw inputError(
      `measures must be numbers for ${measuresOf(goals).join(", ")}, but trial ${facts.number} was told ${briefText(measures)}, which has none for ${briefText(lacking)}; measure it, or tell { failed: "why" }`,
    );
  }
  const odd = Object.entries(measures).find(([, value]) => !Number.isFinite(value));
  if (odd)
    return Object.freeze({ ...facts, state: "failed", reason: `its ${odd[0]} was ${briefText(odd[1])}` });
  const own = Object.freeze({ ...measures });
  const { name } = goals.objectives[0] as SearchObjective;
  return Object.freeze({ ...facts, state: "finished", value: own[name] as number, measures: own });
}

/** The first measure that goals need and these lack. */
export const lackingOf = (measures: unknown, goals: Goals): string | undefined =>
  measuresOf(goals).find(
    (name) =>
      !isRecord(measures) ||
      !Object.hasOwn(measures, name) ||
      typeof (measures as TrialMeasures)[name] !== "number",
  );
