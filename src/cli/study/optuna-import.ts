import { choiceRecord } from "../../space/choice.ts";
import { integerRecord } from "../../space/integer.ts";
import { realRecord } from "../../space/real.ts";
import { createSpace, type Hyper, type SpaceHypers, type HyperValues } from "../../space/space.ts";
import type { ChoiceValue } from "../../space/values.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { measuresOf, type Goals } from "../../search/goals.ts";
import { inputError } from "../../util/error.ts";
import { mostOf } from "../../util/statistics.ts";
import { oneLine } from "../../util/text.ts";
import { ownMeasures } from "./hyper-labels.ts";

/** A study of Optuna, as its journal or its database tells of it. */
export interface OptunaStudy {
  readonly name: string;
  /** One for each objective. */
  readonly directions: readonly ("minimize" | "maximize")[];
  /** What Optuna calls the objectives, where somebody said it. */
  readonly metricNames?: readonly string[];
  readonly trials: readonly OptunaTrial[];
}

/** A trial of Optuna. */
export interface OptunaTrial {
  readonly state: "running" | "complete" | "pruned" | "fail" | "waiting";
  /** One for each objective, or none; null where it is no number. */
  readonly values: readonly (number | null)[];
  /** How far each constraint is broken, none where it is kept. */
  readonly constraints?: readonly number[];
  /** Numbers as Optuna keeps them, of a choice the index, each with its distribution as JSON. */
  readonly params: Readonly<Record<string, { readonly internal: number; readonly distribution: string }>>;
}

/** What becomes of a study of Optuna here. */
export interface ImportedStudy {
  readonly space: SpaceHypers;
  readonly trials: readonly TrialRecord[];
  /** Absent where it follows one objective alone. */
  readonly goals?: Goals;
  /** What a reader would take for granted, and is otherwise. */
  readonly remarks: readonly string[];
}

/**
 * A study of Optuna as one of ours: its space is the union of all distributions, its losses are the values of its first objective, with the
 * sign turned where Optuna maximizes. Several objectives keep their directions, and constraints become bounds. Trials that have all
 * hyperparameters count for samplers; the others are shown.
 *
 * @throws {HypertrainError} where it has no trial that has ended.
 */
export function importedStudy(study: OptunaStudy): ImportedStudy {
  const { name, directions, trials } = study;
  const ended = trials.filter(({ state }) => state !== "running" && state !== "waiting");
  if (ended.length === 0) {
    throw inputError(
      `a study that is imported must have trials that ended, but "${oneLine(name)}" has none; choose another`,
    );
  }
  const space = createSpace(spaceOf(name, ended)).hypers;
  const aims = aimsOf(study);
  const records = ended.map((trial, number) => trialRecord(trial, number, space, aims));
  let asked = 0;
  const numbered = records.map((record) =>
    record.suggested ? { ...record, suggested: { ...record.suggested, asked: asked++ } } : record,
  );
  const open = trials.length - ended.length;
  const own = aims.goals ? measuresOf(aims.goals).filter((measure) => measure !== "loss") : [];
  return {
    ...{ space, trials: numbered },
    ...(aims.goals && { goals: aims.goals }),
    remarks: [
      ...(directions[0] === "maximize"
        ? [
            `Optuna maximizes ${directions.length > 1 ? "the first objective" : "here"}: losses are its values with the sign turned`,
          ]
        : []),
      ...(own.length > 0
        ? [`programs that go on with it tell ${own.join(", ")} as measures beside the loss, as it has`]
        : []),
      ...(open > 0 ? [`${open} of its trials have not ended, and were left out`] : []),
      ...(asked < ended.length
        ? [`${ended.length - asked} of its trials lack a hyperparameter: samplers do not learn from them`]
        : []),
    ],
  };
}

/** How values of Optuna become a loss and measures. */
interface Aims {
  readonly sign: 1 | -1;
  /** What each objective, and each constraint, is called here. */
  readonly objectives: readonly string[];
  readonly constraints: readonly string[];
  readonly goals?: Goals;
}

/** A first objective that is minimized is the loss; the others are called as in Optuna, `values_1` where it has no name for them. */
function aimsOf({ directions, metricNames = [], trials }: OptunaStudy): Aims {
  const sign = directions[0] === "maximize" ? -1 : 1;
  const single = directions.length === 1;
  const used = new Set(ownMeasures);
  const objectives = directions.map((_, i) => {
    if (i === 0 && (single || sign > 0)) return "loss";
    const wanted = metricNames[i] ?? "";
    const name = wanted === "" || used.has(wanted) ? `values_${i}` : wanted;
    used.add(name);
    return name;
  });
  const most = Math.max(0, mostOf(trials.map(({ constraints = [] }) => constraints.length)));
  const constraints = Array.from({ length: most }, (_, i) => `constraint_${i}`);
  const goals: Goals = {
    objectives: objectives.map((name, i) => ({ name, largest: !single && directions[i] === "maximize" })),
    bounds: constraints.map((name) => ({ name, most: true, value: 0 })),
  };
  return { sign, objectives, constraints, ...((!single || most > 0) && { goals }) };
}

function trialRecord(
  { state, values: reached, constraints: excesses = [], params }: OptunaTrial,
  number: number,
  space: SpaceHypers,
  { sign, objectives, constraints, goals }: Aims,
): TrialRecord {
  const values: HyperValues = Object.fromEntries(
    Object.entries(params).map(([name, { internal, distribution }]) => [
      name,
      valueOf(space[name] as Hyper, internal, parse(name, distribution)),
    ]),
  );
  const [first] = reached;
  const loss = !isNumber(first) || state === "fail" ? undefined : sign * first;
  const named = [
    ...objectives.map((name, i) => [name, reached[i]] as const),
    ...constraints.map((name, i) => [name, excesses[i]] as const),
  ].filter((entry): entry is readonly [string, number] => isNumber(entry[1]));
  const costs = { seconds: 0, gradients: 0, epochs: 1 };
  const measures = goals && {
    measures: loss === undefined ? {} : { ...Object.fromEntries(named), loss, ...costs },
  };
  const whole = Object.keys(space).every((name) => name in values);
  const base = { number, values, attempt: 1, deaths: 0, to: 1, ...measures };
  const suggested = whole && { suggested: { asked: 0, values, told: loss ?? null, ...measures } };
  if (loss === undefined) {
    const reason = state === "pruned" ? "it was pruned in Optuna without a loss" : "it failed in Optuna";
    return { ...base, state: "failed", curve: [], reason, ...suggested };
  }
  return {
    ...{
      ...base,
      state: state === "pruned" ? "paused" : "complete",
      curve: [{ budget: 1, loss }],
      ...suggested,
    },
    ...(state === "pruned" && { reason: "it was pruned in Optuna" }),
  };
}

const isNumber = (value: number | null | undefined): value is number => Number.isFinite(value);

/** A distribution as Optuna writes it, those of its version 2 as their heirs. */
type Distribution =
  | { readonly kind: "real" | "integer"; readonly low: number; readonly high: number; readonly log: boolean }
  | { readonly kind: "choice"; readonly choices: readonly ChoiceValue[] };

function parse(name: string, text: string): Distribution {
  const { name: type, attributes = {} } = JSON.parse(text) as {
    readonly name?: string;
    readonly attributes?: {
      readonly low?: number;
      readonly high?: number;
      readonly log?: boolean;
      readonly choices?: ChoiceValue[]; // which is checked
      readonly step?: number | null;
      readonly q?: number;
    };
  };
  const { low = NaN, high = NaN, log = /^(Int)?LogUniform/.test(type ?? ""), choices = [] } = attributes;
  const isInteger = /^Int/.test(type ?? "");
  const step = attributes.step ?? attributes.q;
  if (step !== undefined && !(isInteger && step === 1)) {
    throw inputError(
      `a study that is imported must have no steps, but "${oneLine(name)}" has steps of ${oneLine(String(step))}, which hypertrain's ranges have not; import one without`,
    );
  }
  const odd = choices.find((value) => !["string", "number", "boolean"].includes(typeof value));
  if (odd !== undefined) {
    throw inputError(
      `choices must be texts, numbers or booleans, but one of "${oneLine(name)}" is ${oneLine(JSON.stringify(odd))}; import a study without it`,
    );
  }
  if (type === "CategoricalDistribution") return { kind: "choice", choices };
  if (/^(Float|Uniform|LogUniform|DiscreteUniform)Distribution$/.test(type ?? ""))
    return { kind: "real", low, high, log };
  if (/^Int(Log)?(Uniform)?Distribution$/.test(type ?? "")) return { kind: "integer", low, high, log };
  throw inputError(
    `a distribution of "${oneLine(name)}" must be one of Optuna's, but is ${oneLine(text)}; mend the file`,
  );
}

function spaceOf(study: string, trials: readonly OptunaTrial[]): SpaceHypers {
  const found = new Map<string, Distribution>();
  for (const { params } of trials) {
    for (const [name, { distribution }] of Object.entries(params)) {
      const [before, now] = [found.get(name), parse(name, distribution)];
      found.set(name, before ? union(study, name, before, now) : now);
    }
  }
  return Object.fromEntries([...found].map(([name, distribution]) => [name, hyperOf(distribution)]));
}

function union(study: string, name: string, a: Distribution, b: Distribution): Distribution {
  if (a.kind === "choice" || b.kind === "choice" || a.kind !== b.kind) {
    if (JSON.stringify(a) === JSON.stringify(b)) return a;
    throw inputError(
      `"${oneLine(name)}" must be of one kind in all trials of "${oneLine(study)}", but changes; leave it out, or import a study of its own`,
    );
  }
  return { ...a, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high), log: a.log && b.log };
}

function hyperOf(distribution: Distribution): Hyper {
  if (distribution.kind === "choice") {
    const options = distribution.choices;
    return choiceRecord(options[0] as string, options as string[]);
  }
  const { kind, low, high, log } = distribution;
  if (low === high) return choiceRecord(String(low), [String(low)]);
  const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
  return kind === "real"
    ? realRecord(middle, { low, high, log })
    : integerRecord(Math.round(middle), { low, high, log });
}

/** Values on the edge of a range, which Optuna allows, move inside by a hair. */
function valueOf(hyper: Hyper, internal: number, distribution: Distribution): HyperValues[string] {
  if (distribution.kind === "choice") return distribution.choices[internal] as ChoiceValue; // Optuna keeps indices
  if (hyper.kind === "choice") return hyper.options[0] as ChoiceValue; // a range of one value
  if (hyper.kind === "integer") return Math.round(internal);
  const { low = -Infinity, high = Infinity } = hyper;
  const hair = 1e-9 * (high - low);
  return Math.min(
    high - (hyper.log ? 1e-9 * high : hair),
    Math.max(low + (hyper.log ? 1e-9 * low : hair), internal),
  );
}
