import { beforeAll, describe, expect, test } from "vitest";

import { advised } from "../methods/advice.ts";
import type { TracePoint } from "../api/trace.ts";
import type { Engine } from "../engine/engine.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { withOptimizerHypers } from "../hypergrad/optimizer-hypers.ts";
import { choice } from "../space/choice.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { smallTask } from "../testing/small-task.ts";
import { HypertrainError } from "../util/error.ts";
import { HostArray, leavesOf, type HostTree } from "../util/host-array.ts";
import { deltaStn } from "./delta-stn.ts";
import { fixed } from "./fixed.ts";
import { createRun, type Environment, type RunEvent, type RunOptions } from "./run.ts";
import { loadSnapshot, saveSnapshot, type Snapshot } from "./snapshot.ts";
import { endlessRun, type Tuner } from "./tuner.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await onnxEngine();
});

const still: Environment = { clock: { now: () => 0 } };

async function eventsOf(
  options: RunOptions,
  environment = still,
  tuner: Tuner = fixed(),
  task = smallTask(),
): Promise<RunEvent[]> {
  const run = createRun(task, tuner, engine, options, environment);
  const events: RunEvent[] = [];
  try {
    for await (const event of run.events()) events.push(event);
  } finally {
    run.dispose();
  }
  return events;
}

/** Between corresponding numbers of two trees. */
const largestDifference = (a: HostTree, b: HostTree): number => {
  const [left, right] = [a, b].map((tree) => leavesOf(tree).flatMap(([, { data }]) => Array.from(data)));
  return Math.max(...(left as number[]).map((value, i) => Math.abs(value - (right?.[i] ?? NaN))));
};

const ending = (events: readonly RunEvent[]) => {
  const end = events.at(-1);
  if (end?.kind !== "end") throw new Error("the run did not end");
  return end;
};

describe("a run", () => {
  test.each([
    ["a function that makes one", deltaStn, "got a function; call it, and give what it returns"],
    ["its name", "delta-stn", 'got "delta-stn"; correct it'],
    ["nothing", undefined, "is missing; give it"],
    ["an object of another kind", { name: "mine" }, 'got {"name":"mine"}; correct it'],
  ])("demands a tuner, not %s", (_, tuner, got) => {
    const create = () => createRun(smallTask(), tuner as unknown as Tuner, engine, { epochs: 1 }, still);
    expect(create).toThrow(
      new HypertrainError("input", `\`tuner\` of createRun must be a tuner, such as deltaStn(), but ${got}`),
    );
  });

  test("refuses to begin anew by a method that cannot, and names those that can", () => {
    const create = () => createRun(smallTask(), fixed(), engine, { epochs: 1, restart: true }, still);
    expect(create).toThrow(
      "`restart` must come with a method that can train anew from the hyperparameters found, but got fixed; leave it out, or take a method that can",
    );
    expect(() => {
      try {
        create();
      } catch (error) {
        throw advised(error);
      }
    }).toThrow(/can: delta-stn, centered-stn or stn$/);
  });

  test.each([
    [{ seed: 1 }, "`seed` of its run, 0, but got 1"],
    [{ batchSize: 4 }, "`batchSize` of its run, 8, but got 4"],
  ])(
    "refuses to go on from a snapshot with %j, by which other minibatches would follow",
    async (other, said) => {
      const options = { epochs: 1, batchSize: 8 };
      const run = createRun(smallTask(), fixed(), engine, options, still);
      for await (const event of run.events()) if (event.kind === "step") break;
      const snapshot = await run.snapshot();
      run.dispose();
      const goOn = (more: object) =>
        createRun(smallTask(), fixed(), engine, { ...options, epochs: 2, ...more }, still, snapshot);
      expect(() => goOn(other)).toThrow(`a snapshot must go on with the ${said}; create the run as it was`);
      goOn({}).dispose();
    },
  );

  test("tells nothing more once it is freed", () => {
    const run = createRun(smallTask(), fixed(), engine, { epochs: 1 }, still);
    run.dispose();
    expect(() => run.events()).toThrow("the run must be used before dispose() frees it, but was freed");
  });

  test("opens no session for a snapshot of another one", async () => {
    let opened = 0;
    const counting: Engine = {
      name: engine.name,
      open(programs, state, precision) {
        opened += 1;
        return engine.open(programs, state, precision);
      },
    };
    const options = { epochs: 1, batchSize: 8 };
    const run = createRun(smallTask(), fixed(), counting, options, still);
    for await (const event of run.events()) if (event.kind === "start") break;
    const snapshot = await run.snapshot();
    run.dispose();
    const { hypers: _, ...state } = snapshot.state;
    const goesOn = () => createRun(smallTask(), fixed(), counting, options, still, { ...snapshot, state });
    expect(goesOn).toThrow(/^a snapshot must be of a run with the same problem/);
    expect(opened).toBe(1);
  });

  test("tells of its start, of every step and epoch and of its end", async () => {
    const events = await eventsOf({ epochs: 2, batchSize: 8 });
    const kinds = ["step", "step", "step", "epoch"];
    expect(events.map(({ kind }) => kind)).toEqual(["start", ...kinds, ...kinds, "end"]);
    const { reason, best, final } = ending(events);
    expect(reason).toBe("epochs");
    expect(final).toMatchObject({ step: 6, epoch: 2, examples: 48, gradientEvaluations: 6 });
    expect(best.valid.loss).toBe(
      Math.min(
        ...events.flatMap((e) => (e.kind === "start" || e.kind === "epoch" ? [e.trace.valid.loss] : [])),
      ),
    );
  });

  test("counts the gradients of a self-tuning network, two for each training step", async () => {
    const tuner = deltaStn({ warmupEpochs: 1, trainSteps: 3, validSteps: 2 });
    const { final } = ending(await eventsOf({ epochs: 3, batchSize: 8 }, still, tuner));
    expect(final.gradientEvaluations).toBe(9 * 2 + 2 * 2); // two rounds of hyperparameter steps after the first epoch
  });

  test("tunes after a warm-up of a fraction of an epoch", async () => {
    const tuner = deltaStn({ warmupEpochs: 0.5, trainSteps: 1 }); // 1.5 of an epoch's 3 steps
    const { final } = ending(await eventsOf({ epochs: 2, batchSize: 8 }, still, tuner));
    expect(final.gradientEvaluations).toBe(6 * 2 + 4);
    expect(final.hyperparameters["dropout.input"]?.value).not.toBeCloseTo(0.1, 4);
  });

  test("says before it starts where it is too short for a hyperparameter step", () => {
    const tuner = deltaStn({ warmupEpochs: 1, trainSteps: 4 });
    const remarksOf = (epochs: number, method: Tuner) => {
      const run = createRun(smallTask(), method, engine, { epochs, batchSize: 8 }, still);
      run.dispose();
      return run.remarks;
    };
    expect(remarksOf(2, tuner)).toEqual([
      expect.stringMatching(/^delta-stn will not tune in this run: .* follows training step 7, .* has 6;/),
    ]);
    expect(remarksOf(7 / 3, tuner)).toEqual([]);
    expect(remarksOf(2, fixed())).toEqual([]);
  });

  describe("that may restart", () => {
    const options = { epochs: 8, batchSize: 8, restart: true, evaluateEvery: 1 };
    const wild = { learningRate: 1, clipNorm: 1 }; // the first loss stays the lowest
    const tuner = deltaStn({ ...wild, warmupEpochs: 1, trainSteps: 1, hyperLearningRate: 0.2 });
    const pointsOf = (events: readonly RunEvent[]) =>
      events.flatMap((event) => (event.kind === "start" || event.kind === "epoch" ? [event.trace] : []));

    test("trains anew at half of its length from the hyperparameters found, where it has overfitted before", async () => {
      const run = createRun(smallTask(), tuner, engine, options, still);
      const first = await run.weights();
      const states: Snapshot["state"][] = [];
      for await (const event of run.events()) {
        if (event.kind !== "step" || event.step < 12) continue;
        states.push((await run.snapshot()).state);
        if (event.step === 13) break;
      }
      run.dispose();
      const [before, after] = states as [Snapshot["state"], Snapshot["state"]];
      expect(largestDifference(before.params as HostTree, first)).toBeGreaterThan(1);
      expect(largestDifference(after.params as HostTree, first)).toBeLessThanOrEqual(1); // one step away
      expect(after.hypers).toEqual(before.hypers); // through a warm-up of its own
    });

    test("says so in its trace, from there on", async () => {
      const trace = pointsOf(await eventsOf(options, still, tuner));
      expect(trace.map(({ restartedAt }) => restartedAt)).toEqual([
        ...Array<undefined>(13).fill(undefined),
        ...Array<number>(12).fill(12),
      ]);
    });

    test("decides by the evaluations of its schedule, not by that at its end, so that a longer run decides alike", async () => {
      const run = createRun(
        smallTask(),
        tuner,
        engine,
        { ...options, epochs: 10 / 3, evaluateEvery: 3 },
        still,
      );
      const trace: TracePoint[] = [];
      for await (const event of run.events()) if (event.kind === "epoch") trace.push(event.trace);
      expect(trace.map(({ step }) => step)).toEqual([3, 6, 9, 10]);
      const { progress } = await run.snapshot();
      run.dispose();
      expect(progress.trend).toEqual({ recent: trace.slice(0, 3).map(({ valid }) => valid.loss) });
    });

    test("ends with its gradients, and restarts at half of them", async () => {
      const gradientLimit = 120;
      const events = await eventsOf({ ...options, epochs: 1000, gradientLimit }, still, tuner);
      const trace = pointsOf(events);
      expect(events.at(-1)).toMatchObject({ kind: "end", reason: "gradients" });
      const least = (limit: number) => trace.find((point) => point.gradientEvaluations >= limit);
      expect(trace.at(-1)).toBe(least(gradientLimit));
      const restarted = trace.find(({ restartedAt }) => restartedAt !== undefined)?.restartedAt;
      expect(restarted).toBe(least(gradientLimit / 2)?.step);
    });

    test("does not where its validation loss still falls, where no hyperparameter has moved, and unless asked", async () => {
      const calm = deltaStn({ warmupEpochs: 1, trainSteps: 1, learningRate: 0.01 });
      const late = deltaStn({ ...wild, warmupEpochs: 6, trainSteps: 1 });
      for (const events of [
        await eventsOf(options, still, calm),
        await eventsOf(options, still, late),
        await eventsOf({ ...options, restart: false }, still, tuner),
      ]) {
        expect(pointsOf(events).some(({ restartedAt }) => restartedAt !== undefined)).toBe(false);
      }
    });
  });

  test("reports values, scales and bands in natural units", async () => {
    const tuner = deltaStn({
      warmupEpochs: 0,
      trainSteps: 2,
      hyperLearningRate: 1e-9,
      scaleLearningRate: 1e-9,
    });
    const { final } = ending(await eventsOf({ epochs: 1, batchSize: 12 }, still, tuner));
    const { value, scale, band } = final.hyperparameters["dropout.input"] ?? { value: NaN };
    expect(value).toBeCloseTo(0.1, 6);
    expect(scale).toBeCloseTo(1, 6);
    const at = (u: number) => 0.9 / (1 + Math.exp(-u));
    const u = Math.log(0.1 / 0.8);
    expect(band?.[0]).toBeCloseTo(at(u - 1), 5);
    expect(band?.[1]).toBeCloseTo(at(u + 1), 5);
  });

  test("ends at the time limit, and evaluates what it did since the last epoch", async () => {
    let seconds = 0;
    const clock = { now: () => 1000 * seconds };
    const run = createRun(
      smallTask(),
      fixed(),
      engine,
      { epochs: Infinity, batchSize: 8, timeLimit: 4 },
      { clock },
    );
    const events: RunEvent[] = [];
    for await (const event of run.events()) {
      events.push(event);
      if (event.kind === "step") seconds++;
    }
    run.dispose();
    const { reason, final } = ending(events);
    expect(reason).toBe("time");
    expect(final.step).toBe(4);
    expect(final.train).toBeDefined();
  });

  describe("with a warm-up longer than its time", () => {
    const tuner = deltaStn({ warmupEpochs: 100, trainSteps: 1, hyperLearningRate: 0.1 });
    const limited = { epochs: Infinity, batchSize: 8, timeLimit: 10, evaluateEvery: 1 };

    /** A run whose steps take a second each: where it first moved, or will, and what it is at every step. */
    async function timed(options: RunOptions, from?: Snapshot, stopAt = Infinity) {
      let seconds = 0;
      const controller = new AbortController();
      const environment = { clock: { now: () => 1000 * seconds }, signal: controller.signal };
      const run = createRun(smallTask(), tuner, engine, options, environment, from);
      const values: Record<number, unknown> = {};
      for await (const event of run.events()) {
        if (event.kind === "epoch") values[event.trace.step] = event.trace.hyperparameters.l2?.value;
        if (event.kind === "step") seconds++;
        if (event.kind === "step" && event.step === stopAt) controller.abort();
      }
      const snapshot = loadSnapshot(saveSnapshot(await run.snapshot()));
      run.dispose();
      return { values, snapshot, first: run.firstTuning?.steps };
    }

    test("tunes after its share of the time, where that was asked for", async () => {
      const whole = await timed({ ...limited, warmupShare: 0.2 });
      expect(whole.values[2]).toBe(whole.values[1]);
      expect(whole.values[3]).not.toBe(whole.values[1]);
      expect(whole.first).toBe(3);
      const warm = await timed(limited);
      expect(warm.values[10]).toBe(whole.values[1]);
      expect(warm.first).toBeGreaterThan(100);
    });

    test("goes on after a stop as it was begun, before and behind its end", async () => {
      const begun = { ...limited, warmupShare: 0.2 };
      const whole = await timed(begun);
      for (const stopAt of [1, 2, 5]) {
        const { values, snapshot } = await timed(begun, undefined, stopAt);
        const rest = await timed(limited, snapshot);
        expect({ ...values, ...rest.values }).toEqual(whole.values);
      }
    });
  });

  test("ends after the epochs of patience without a better validation loss", async () => {
    const events = await eventsOf(
      { epochs: 50, batchSize: 8, patience: 2 },
      still,
      fixed({ learningRate: 0 }),
    );
    const { reason, final } = ending(events);
    expect(reason).toBe("patience");
    expect(final.epoch).toBe(2);
  });

  test("ends after the step under way when it is interrupted", async () => {
    const controller = new AbortController();
    const run = createRun(
      smallTask(),
      fixed(),
      engine,
      { epochs: 5, batchSize: 8 },
      { ...still, signal: controller.signal },
    );
    const events: RunEvent[] = [];
    for await (const event of run.events()) {
      events.push(event);
      if (event.kind === "step" && event.step === 2) controller.abort();
    }
    const { progress } = await run.snapshot();
    run.dispose();
    expect(ending(events).reason).toBe("interrupted");
    expect(progress.step).toBe(2);
  });

  test("evaluates to the same numbers in batches of any size", async () => {
    const losses: (number | undefined)[][] = [];
    for (const evaluationBatchSize of [1, 7, 18, 512]) {
      const { final } = ending(
        await eventsOf({ epochs: 1, batchSize: 8, evaluationBatchSize, precision: "float64" }),
      );
      losses.push([final.valid.loss, final.test?.loss, final.valid.metric?.value, final.test?.metric?.value]);
    }
    for (const other of losses.slice(1))
      other.forEach((value, i) => expect(value).toBeCloseTo(losses[0]?.[i] as number, 5));
  });

  test("says where it diverged: the step, the learning rates and the hyperparameters", async () => {
    const failure = eventsOf({ epochs: 30, batchSize: 8 }, still, fixed({ learningRate: 1e30 }));
    await expect(failure).rejects.toThrow(HypertrainError);
    await expect(failure).rejects.toThrow(
      /must stay finite, but became (NaN|Infinity) at step \d+ \(learning rates: weights 1e\+30; hyperparameters at the last evaluation: dropout\.input 0\.1, /,
    );
  });

  test("names no learning rate where the only one is a hyperparameter", async () => {
    const learningRate = real(1e30, { low: 1e-3, high: 1e31, log: true });
    const task = withOptimizerHypers(smallTask(), { learningRate }, { learningRate: "lr" });
    await expect(eventsOf({ epochs: 30, batchSize: 8 }, still, fixed(), task)).rejects.toThrow(
      /at step \d+ \(hyperparameters at the last evaluation: .*lr 1e\+30.*\); start again with a tenth of the learning rate's range, /,
    );
  });

  test("blames no learning rate for a validation loss that is not finite before the first step", async () => {
    const { problem, data } = smallTask();
    const validLoss: typeof problem.loss = (...at) => problem.loss(...at).mul(Infinity);
    const run = createRun(
      { problem: { ...problem, validLoss }, data },
      fixed(),
      engine,
      { epochs: 1 },
      still,
    );
    await expect(run.events().next()).rejects.toThrow(
      /^the validation loss must be finite, but is Infinity at step 0, before any weight has moved; look for what makes it so in the data/,
    );
    run.dispose();
  });

  test("names the number of the data that is none, where a loss is not finite", async () => {
    const { problem, data } = smallTask();
    const { x, y } = data.train.fields as Record<"x" | "y", HostArray>;
    const numbers = Float64Array.from(x.data);
    const rowLength = numbers.length / data.train.rows;
    numbers[3 * rowLength + 1] = NaN;
    const train = { ...data.train, fields: { x: new HostArray(numbers, x.shape), y } };
    const diverged = (batchSize: number) =>
      eventsOf({ epochs: 1, batchSize }, still, fixed(), { problem, data: { ...data, train } });
    const named =
      '; "x" of data.train is NaN in row 3 (the first is row 0), so leave that row out, or give it a number';
    await expect(diverged(data.train.rows)).rejects.toThrow(
      /^the training loss must be finite, but is NaN at step 1, before any weight has moved \(hyperparameters at the last evaluation: dropout/,
    );
    await expect(diverged(data.train.rows)).rejects.toThrow(named);
    await expect(diverged(1)).rejects.toThrow(named);
  });

  test.each([
    [{ epochs: 0 }, "`epochs` of createRun must be a number, above 0, or Infinity, but got 0; correct it"],
    [
      { epochs: NaN },
      "`epochs` of createRun must be a number, above 0, or Infinity, but got NaN; correct it",
    ],
    [{ epochs: Infinity }, "a run must end"],
    [{} as never, "`epochs` of createRun must be a number, above 0, or Infinity, but is missing; give it"],
    [
      { epoch: 3 } as never,
      /^createRun must be given options of its own, but got "epoch"; did you mean "epochs"\?$/,
    ],
    [{ epochs: 1, colour: "red" }, /but got "colour"; it has epochs, timeLimit, .*, plateau$/],
    [
      { epochs: Infinity, timeLimit: NaN },
      "`timeLimit` of createRun must be a number, above 0, or Infinity, but got NaN",
    ],
    [
      { epochs: Infinity, gradientLimit: NaN },
      "`gradientLimit` of createRun must be a number, above 0, or Infinity",
    ],
    [{ epochs: 1, patience: 0 }, "`patience` of createRun must be a whole number, at least 1, or Infinity"],
    [
      { epochs: 1, batchSize: 1.5 },
      "`batchSize` of createRun must be a whole number, at least 1, but got 1.5; leave it out",
    ],
    [{ epochs: 1, validBatchSize: 0 }, "`validBatchSize` of createRun must be a whole number, at least 1"],
    [{ epochs: 1, evaluateEvery: 0.5 }, "`evaluateEvery` of createRun must be a whole number, at least 1"],
    [
      { epochs: 1, evaluationBatchSize: 0 },
      "`evaluationBatchSize` of createRun must be a whole number, at least 1, but got 0",
    ],
    [
      { epochs: 1, evaluationBatchSize: NaN },
      "`evaluationBatchSize` of createRun must be a whole number, at least 1, but got NaN",
    ],
    [
      { epochs: 1, guard: 0.3, seed: -1 },
      "`seed` of createRun must be a whole number, at least 0, but got -1",
    ],
    [{ epochs: 1, guard: NaN }, "`guard` of createRun must be a number, at least 0 and below 1, but got NaN"],
    [{ epochs: 1, checkShare: 1 }, "`checkShare` of createRun must be a number, at least 0 and below 1"],
    [{ epochs: 1, keepBelow: NaN }, "`keepBelow` of createRun must be a number, or Infinity, but got NaN"],
    [
      { epochs: 1, precision: "double" as never },
      '`precision` of createRun must be float32 or float64, but got "double"',
    ],
    [{ epochs: 1, restart: "auto" as never }, '`restart` of createRun must be true or false, but got "auto"'],
    [
      { epochs: 1, plateau: { wat: 1 } as never },
      'plateau of createRun must be given options of its own, but got "wat"',
    ],
  ])("refuses %o", (options, message) => {
    expect(() => createRun(smallTask(), fixed(), engine, options, still)).toThrow(message);
  });
});

describe("a self-tuning network refuses", () => {
  const prepared = (hypers: NonNullable<Parameters<typeof smallTask>[0]>["hypers"]) => () =>
    deltaStn().prepare(smallTask({ hypers: hypers ?? {} }), 0, endlessRun);

  test("a problem without hyperparameters", () => {
    expect(prepared({})).toThrow("take a method that tunes nothing");
  });

  test("a choice, which has no derivative", () => {
    const { problem, data } = smallTask();
    const space = createSpace({ ...problem.space.hypers, mode: choice("a", { options: ["a", "b"] }) });
    expect(() => deltaStn().prepare({ problem: { ...problem, space }, data }, 0, endlessRun)).toThrow(
      '"mode" of "mlp on three classes" chooses among options',
    );
  });
});

test("a run that is stopped between the hyperparameter steps of a round stops there, and goes on bit for bit", async () => {
  const options = { epochs: 2, batchSize: 8 };
  const tuner = deltaStn({ warmupEpochs: 0, trainSteps: 2, validSteps: 40 });
  /** The state at the end, and the snapshot, of a run that is stopped in its `after`-th hyperparameter step. */
  const stopped = async (after: number, from?: Snapshot) => {
    const stop = new AbortController();
    let tuned = 0;
    const counting: Engine = {
      ...engine,
      open(...args) {
        const session = engine.open(...args);
        const run: typeof session.run = (program, inputs) => {
          if (program === "tune" && (tuned += 1) === after) stop.abort();
          return session.run(program, inputs);
        };
        return { ...session, run };
      },
    };
    const run = createRun(smallTask(), tuner, counting, options, { ...still, signal: stop.signal }, from);
    const events: RunEvent[] = [];
    for await (const event of run.events()) events.push(event);
    const snapshot = await run.snapshot();
    run.dispose();
    return { snapshot, tuned, reason: ending(events).reason };
  };
  const whole = await stopped(Infinity);
  const first = await stopped(3);
  expect([first.tuned, first.reason, first.snapshot.progress.step]).toEqual([3, "interrupted", 1]);
  const second = await stopped(50, loadSnapshot(saveSnapshot(first.snapshot))); // 37 of the first round, 13 of the second
  expect([second.tuned, second.snapshot.progress.step]).toEqual([50, 3]);
  const rest = await stopped(Infinity, second.snapshot);
  expect(first.tuned + second.tuned + rest.tuned).toBe(whole.tuned);
  expect(rest.snapshot).toEqual(whole.snapshot);
});
