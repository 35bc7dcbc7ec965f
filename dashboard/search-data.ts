import type { WireColumn } from "../src/api/columns.ts";
import { boundStates } from "../src/cli/dashboard/study-columns.ts";
import { hyperLabels } from "../src/cli/study/hyper-labels.ts";
import { keepsBounds, measuresOf, type Goals } from "../src/search/goals.ts";
import { mostOf } from "../src/util/statistics.ts";
import type { StudyData } from "./study-data.ts";
import type { Training } from "./trainings.ts";

/** The trainings of a run as the trials of a study, whose row i is training i; of one that never came to a loss it is empty. */
export function searchData(name: string, trainings: readonly Training[], goals: Goals): StudyData {
  const rows = mostOf(trainings.map(({ number }) => number)) + 1;
  const column = (of: (training: Training) => number): Float64Array => {
    const values = new Float64Array(rows).fill(NaN);
    for (const training of trainings) values[training.number] = of(training);
    return values;
  };
  const followed = measuresOf(goals).filter((measure) => measure !== "loss" && measure !== "epochs");
  const hypers = Object.keys(trainings[0]?.best.hyperparameters ?? {});
  const labels = hyperLabels(hypers, followed);
  const columns: readonly WireColumn[] = [
    { name: "trial", values: Float64Array.from({ length: rows }, (_, i) => i) },
    { name: "loss", values: column(({ best }) => best.valid.loss) },
    { name: "epochs", values: column(({ points }) => points.at(-1)?.trial?.epoch ?? NaN) },
    ...followed.map((measure) => ({
      ...{ name: measure, measure: true },
      values: column((training) => measuresIn(training)[measure] ?? NaN),
    })),
    ...hypers.map((hyper) => hyperColumn(hyper, labels.get(hyper) as string, trainings, column)),
    ...(goals.bounds.length > 0
      ? [
          {
            ...{ name: "bounds", options: boundStates },
            values: column((training) => (keepsBounds(measuresIn(training), goals) ? 1 : 2)),
          },
        ]
      : []),
  ];
  const note = { name, goals, state: "", version: 0, count: "", more: false };
  return { ...note, rows, columns };
}

const measuresIn = ({ points }: Training) => points.at(-1)?.trial?.measures ?? {};

/** A hyperparameter by its values, or by the places of its options. */
function hyperColumn(
  hyper: string,
  name: string,
  trainings: readonly Training[],
  column: (of: (training: Training) => number) => Float64Array,
): WireColumn {
  const valueOf = ({ best }: Training) => best.hyperparameters[hyper]?.value;
  const texts = trainings
    .map(valueOf)
    .filter((value) => typeof value === "string" || typeof value === "boolean");
  if (texts.length === 0) return { name, hyper: true, values: column((one) => Number(valueOf(one))) };
  const options = [...new Set(texts.map(String))];
  return { name, hyper: true, options, values: column((one) => options.indexOf(String(valueOf(one)))) };
}
