/* A search in a run folder is shown as a study is: the same front, the same columns. */
import { expect, test } from "vitest";

import { courseOfRun, courseOfStudy } from "../../dashboard/courses.ts";
import { frontOf, type Aim } from "../../dashboard/front.ts";
import { historyOf } from "../../dashboard/history.ts";
import { searchData } from "../../dashboard/search-data.ts";
import { columnOf } from "../../dashboard/study-data.ts";
import { countedOf, trainingsOf } from "../../dashboard/trainings.ts";
import { byBounds } from "../../dashboard/views/pareto.tsx";
import type { TracePoint } from "../../src/api/trace.ts";
import { segmentTable } from "../../src/cli/dashboard/segment-table.ts";
import { countsIn, trialTable } from "../../src/cli/dashboard/study-columns.ts";
import { frontOfTrace } from "../../src/report/front.ts";
import { trainingsSection } from "../../src/report/trainings.ts";
import { leastLoss, type Goals } from "../../src/search/goals.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";

const COUNT = 40;
const drawn = randomUniform(randomKey(1, "search data"), 0, 2 * COUNT);

/** Two evaluations of each training, the first the better; training 7 never came to one. */
const trace = Array.from({ length: COUNT }, (_, number) =>
  number === 7
    ? []
    : [1, 2].map((epoch): TracePoint => {
        const [loss, share] = [drawn[number] as number, drawn[COUNT + number] as number];
        const measures = { loss, parameters: Math.round(1000 * share), epochs: epoch };
        return {
          ...{ step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 1 },
          hyperparameters: { parameters: { value: share }, act: { value: number % 2 ? "relu" : "tanh" } },
          valid: { loss: loss * epoch },
          trial: { number, epoch, ...(epoch === 2 && { measures }) },
        };
      }),
).flat();

const goals = (largest: boolean): Goals => ({
  objectives: [
    { name: "loss", largest: false },
    { name: "parameters", largest },
  ],
  bounds: [{ name: "parameters", most: true, value: 900 }],
});

test.each([false, true])("has the front that the result tells (largest: %s)", (largest) => {
  const data = searchData("r", trainingsOf(trace), goals(largest));
  const aim = (name: string, most: boolean): Aim => ({
    ...{ name, values: columnOf(data, name)?.values ?? [], largest: most },
  });
  const rows = Uint32Array.from({ length: data.rows }, (_, i) => i).filter(countsIn(data.columns));
  const front = frontOf(rows, aim("parameters", largest), aim("loss", false));
  const told = frontOfTrace(trace, goals(largest)) ?? [];
  expect(told.length).toBeGreaterThan(2);
  expect([...front].sort((a, b) => a - b)).toEqual(told.map(({ trial }) => trial).sort((a, b) => a - b));

  const { markup } = trainingsSection(trace, goals(largest));
  const cells = [...markup.matchAll(/<th scope="(?:row|col)">([^<]*)<\/th>/g)].map(([, text]) => text);
  expect(cells.slice(0, 5)).toEqual(["Training", "Epochs", "Validation loss", "parameters", "parameters"]);
  const first = cells.slice(6, 6 + told.length).map(Number);
  expect(first).toEqual(told.map(({ trial }) => trial));
});

test("has a row for each training by its number, and a hyperparameter that is called as a measure apart", () => {
  const data = searchData("r", trainingsOf(trace), goals(false));
  expect([data.rows, columnOf(data, "loss")?.values[7]]).toEqual([COUNT, NaN]);
  expect(columnOf(data, "epochs")?.values[3]).toBe(2);
  expect(columnOf(data, "hyper:parameters")?.values[3]).toBeCloseTo(drawn[COUNT + 3] as number, 12);
  expect(columnOf(data, "act")).toMatchObject({ options: ["tanh", "relu"] });
});

test("a training beyond the bounds is a point apart, and does not count in the lowest so far", () => {
  const unfit = { unfit: true as const };
  const at = (number: number, loss: number, more = {}): TracePoint => ({
    ...{ step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 1, hyperparameters: {} },
    ...{ valid: { loss }, trial: { number, epoch: 1 }, ...more },
  });
  const points = [at(0, 1, unfit), at(1, 3), at(2, 2, unfit), at(3, 2.5), at(4, 2.75)];
  const [within, beyond, lowest] = historyOf(trainingsOf(points));
  expect([...(within?.rows ?? [])]).toEqual([1, 3, 4]);
  expect([[...(beyond?.rows ?? [])], beyond?.color, beyond?.name]).toEqual([
    [0, 2],
    "beyond",
    "beyond the bounds: training",
  ]);
  expect(lowest).toMatchObject({ kind: "step", x: [1, 3, 4], y: [3, 2.5, 2.5] });
  const none = historyOf(trainingsOf([at(0, 2, unfit), at(1, 1, unfit)]));
  expect(none.at(-1)).toMatchObject({ x: [0, 1], y: [2, 1] });
});

test("a training that failed counts nowhere, but for what it had come to before", () => {
  const at = (number: number, epoch: number, loss: number, failed?: true): TracePoint => ({
    ...{ step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 1, hyperparameters: {} },
    ...{ valid: { loss }, trial: { number, epoch, ...(failed && { failed }) } },
  });
  const points = [at(0, 1, 0.1, true), at(1, 1, 3), at(2, 1, 2), at(2, 2, 0.2, true)];
  const counted = countedOf(trainingsOf(points));
  expect(counted.map(({ number, best }) => [number, best.valid.loss])).toEqual([
    [1, 3],
    [2, 2],
  ]);
  expect(courseOfRun("r", [at(9, 0, 4), ...points]).best).toBe(2);
});

test("trials that failed are neither on a front nor in the course of a study", () => {
  const trial = (number: number, state: string, loss: number) =>
    ({ ...{ number, state, attempt: 1, values: {} }, curve: [{ budget: 1, loss }] }) as never;
  const trials = [trial(0, "complete", 3), trial(1, "failed", 1), trial(2, "complete", 2)];
  const note = { name: "s", goals: leastLoss, state: "done", version: 1, count: "c", more: false };
  const { columns } = trialTable(note, {}, trials);
  const data = { ...note, rows: 3, columns };
  expect(byBounds(data, Uint32Array.of(0, 1, 2)).map((rows) => [...rows])).toEqual([[0, 2], []]);
  expect(courseOfStudy(data, segmentTable([], 0))).toMatchObject({ best: 2, by: { trials: { y: [3, 2] } } });
});
