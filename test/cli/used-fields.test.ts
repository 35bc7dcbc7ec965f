/** Whatever changes training is used by every command that takes it, or refused: a field that is ignored would be taken for one that works. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, expect, test, vi } from "vitest";

import { sizedConfig } from "../../src/cli/config/batch-size.ts";
import { comparedRun } from "../../src/cli/compare/curve.ts";
import { ownToTune } from "../../src/cli/compare/own-to-tune.ts";
import { demandCompared, demandFeasible, planOf } from "../../src/cli/compare/plan.ts";
import { parseConfig, type Config, type ConfigInput, type SizedConfig } from "../../src/cli/config/config.ts";
import { flagOf, type FieldName } from "../../src/cli/config/fields.ts";
import type { trainingFields } from "../../src/cli/config/fields/training-fields.ts";
import { loadJob, type Job } from "../../src/cli/run/job.ts";
import { methodRun } from "../../src/cli/run/method-run.ts";
import { runOptions } from "../../src/cli/run/run-options.ts";
import { studyJob } from "../../src/cli/study/study-job.ts";
import { trainStudy } from "../../src/cli/study/worker.ts";
import { demandUseful } from "../../src/cli/config/useful-fields.ts";
import { allOptions, type OptionName, type OptionOfMethods } from "../../src/methods/all-options.ts";
import { trainingMethods } from "../../src/methods/index.ts";
import { isSearch, methodNames, methodOf, type MethodName } from "../../src/methods/lookup.ts";
import type { TrainingMethod } from "../../src/methods/method.ts";
import type { MethodTraining } from "../../src/methods/training.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { createSearchRun } from "../../src/study/search-run.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { createRun, type Run } from "../../src/tuners/run.ts";
import { HypertrainError } from "../../src/util/error.ts";

vi.mock(import("../../src/tuners/run.ts"), async (load) => ({ ...(await load()), createRun: vi.fn() }));
vi.mock(import("../../src/study/search-run.ts"), () => ({ createSearchRun: vi.fn() }));
vi.mock(import("../../src/study/trial.ts"), async (load) => ({ ...(await load()), trialRunner: vi.fn() }));

/** Values that are no default, each with what gives it a meaning. */
type Sample = readonly [given: ConfigInput, beside?: ConfigInput];

const samples: Readonly<Record<keyof typeof trainingFields | "seed" | "precision", readonly Sample[]>> = {
  epochs: [[{ epochs: 30 }]],
  time: [[{ time: "5s" }]],
  patience: [[{ patience: 3 }]],
  evaluateEvery: [[{ evaluateEvery: 2 }]],
  batchSize: [[{ batchSize: 16 }]],
  lr: [[{ lr: 0.01 }]],
  optimizer: [[{ optimizer: "rmsprop" }]],
  momentum: [[{ momentum: 0.5 }]],
  schedule: [
    [{ schedule: "plateau" }],
    [{ schedule: "cosine" }, { epochs: 20 }],
    [{ schedule: "step" }, { decayEpochs: [1] }],
  ],
  decayEpochs: [[{ decayEpochs: [2] }, { schedule: "step" }]],
  decayWait: [[{ decayWait: 2 }, { schedule: "plateau" }]],
  decayFactor: [
    [{ decayFactor: 0.5 }, { schedule: "plateau" }],
    [{ decayFactor: 0.5 }, { schedule: "step", decayEpochs: [1] }],
  ],
  clipNorm: [[{ clipNorm: 1 }]],
  seed: [[{ seed: 3 }]],
  precision: [[{ precision: "float64" }]],
};

/** The same for an option of a method: of each name but its default, or a number that nothing has as its default. */
function samplesOf(name: OptionName, method: MethodName): Sample[] {
  const { needs }: OptionOfMethods = allOptions[name];
  const option = methodOf(method).options[name];
  if (!option) return [];
  const { type, default: usual } = option;
  const values =
    type.kind === "name"
      ? type.names.filter((value) => value !== usual)
      : [type.kind === "integer" ? Math.max(type.least, 7) : 0.37];
  const beside: ConfigInput = needs?.values ? { [needs.field]: needs.values[0] } : {};
  return values.map((value) => [{ [name]: value }, beside] as const);
}

/** Opens a training of a configuration, as a command does. */
type Opens = (config: Config) => Promise<unknown>;

let job: Job;
const environment = { clock: performance };

const trained = (config: SizedConfig) =>
  methodRun(config, job.named, job.engine, runOptions(config, job.named), environment);

const commands: Readonly<Record<"tune" | "tune --store" | "compare", Opens>> = {
  tune: (config) => trained(sizedConfig(config, job.named.task.data.train.rows)),
  async "tune --store"(config) {
    const storage = { reach: () => Promise.resolve() } as unknown as Storage; // a worker that is stopped at once asks no more
    const stopped = { clock: performance, signal: AbortSignal.abort(), storage, note() {} };
    const sized = sizedConfig(config, job.named.task.data.train.rows);
    await trainStudy(await studyJob({ ...job, config: sized }, "s", 3), stopped);
  },
  compare: (config) => comparedRun(planOf({ budgetSteps: "40" }, config), job.named, job.engine, environment),
};

/** What is refused, by whatever the command asks before it trains. */
function isRefused(
  command: keyof typeof commands,
  name: FieldName,
  given: ConfigInput,
  config: Config,
): boolean {
  if (command === "compare" && ownToTune.includes(name)) return true; // there is no such flag
  try {
    demandUseful(
      given,
      command === "tune --store" ? { ...config, store: "s.db" } : config,
      [config.method],
      flagOf,
    );
    if (command === "compare") demandCompared(given, config);
    return false;
  } catch {
    return true;
  }
}

/** All that a training is made with. */
async function madeWith(open: Opens, config: Config): Promise<string> {
  vi.mocked(createRun).mockClear();
  vi.mocked(createSearchRun).mockClear();
  vi.mocked(trialRunner).mockClear();
  const created = trainingMethods.map((method) => vi.spyOn(method as TrainingMethod, "create").mockClear());
  await open(config);
  const made = created.flatMap(({ mock }) => mock.calls);
  return JSON.stringify([
    made.map(([options, training]) => [options, training, ratesOf(training)]),
    vi.mocked(createRun).mock.calls.map(([, , , options]) => options),
    vi.mocked(createSearchRun).mock.calls.map(([, { scheduler }, , options]) => [scheduler.budget, options]),
    vi.mocked(trialRunner).mock.calls.map(([{ run }]) => run),
  ]);
}

const ratesOf = ({ schedule }: MethodTraining): number[] => [0, 10, 20, 50].map(schedule());

const configOf = (fields: ConfigInput): Config => parseConfig({ data: "wine", ...fields }, flagOf);

beforeAll(async () => {
  job = await loadJob(configOf({ method: "fixed", engine: "jax" }), {});
  vi.mocked(createRun).mockReturnValue({} as Run);
  vi.mocked(createSearchRun).mockReturnValue({} as Run);
  vi.mocked(trialRunner).mockReturnValue({ dispose() {} } as ReturnType<typeof trialRunner>);
});

test.each(["tune", "tune --store", "compare"] as const)(
  "%s uses or refuses all that changes training",
  async (command) => {
    const idle: string[] = [];
    for (const method of methodNames) {
      if (command === "tune --store" && !isSearch(method)) continue;
      const ofMethod = Object.keys(allOptions) as OptionName[];
      const all = {
        ...samples,
        ...Object.fromEntries(ofMethod.map((name) => [name, samplesOf(name, method)])),
      };
      for (const [name, cases] of Object.entries(all)) {
        for (const [given, beside = {}] of cases) {
          const before = configOf({ method, ...beside });
          const after = configOf({ method, ...beside, ...given });
          if (isRefused(command, name as FieldName, given, after)) continue;
          const [without, withIt] = [await madeBy(command, before), await madeBy(command, after)];
          if (without === withIt) idle.push(`${method} ${JSON.stringify(given)}`);
        }
      }
    }
    expect(idle).toEqual([]);
  },
);

/** What it is made with, or why it is not: a refusal is no silence. */
const madeBy = (command: keyof typeof commands, config: Config): Promise<string> =>
  madeWith(commands[command], config).catch((error: unknown) => {
    if (error instanceof HypertrainError) return error.message;
    throw error;
  });

test("a comparison refuses a plateau for a method that cannot follow one before any has begun", async () => {
  const plan = (methods: string) =>
    planOf({ methods, budgetSteps: "40" }, configOf({ hidden: [4], schedule: "plateau" }));
  await expect(demandFeasible(plan("delta-stn,random,fixed"))).resolves.toMatchObject({ title: "wine" });
  await expect(demandFeasible(plan("delta-stn,unrolled"))).rejects.toThrow(
    "but got unrolled; take another schedule",
  );
});

test("a comparison refuses layers with a state for a method that hands none on before any has begun", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carried-"));
  const model = join(folder, "network.json");
  const layers = [
    { layer: "linear", outputs: 4 },
    { layer: "batch-norm" },
    { layer: "relu" },
    { layer: "linear" },
  ];
  writeFileSync(model, JSON.stringify({ layers }));
  const plan = (methods: string) => planOf({ methods, budgetSteps: "40" }, configOf({ model }));
  await expect(demandFeasible(plan("delta-stn,random"))).resolves.toMatchObject({ title: "wine" });
  await expect(demandFeasible(plan("delta-stn,t1-t2"))).rejects.toThrow(
    /^t1-t2 must find .* carries a state of /,
  );
  rmSync(folder, { recursive: true });
});
