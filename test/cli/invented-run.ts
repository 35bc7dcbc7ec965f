import type { ResultPoint, TuneResult } from "../../src/api/result.ts";
import type { HyperPoint, TracePoint } from "../../src/api/trace.ts";
import { parseConfig } from "../../src/cli/config/config.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";

/** How long an invented run is. */
export const EPOCHS = 20;

/** A run that was never made: losses that fall, hyperparameters that drift. */
export function invented(hyperAt: (epoch: number) => Record<string, HyperPoint>, title = "digits") {
  const trace = Array.from({ length: EPOCHS + 1 }, (_, epoch): TracePoint => {
    const score = (factor: number) => ({
      loss: factor * Math.exp(-epoch / 4) + 0.02,
      metric: { name: "accuracy", value: 0.9 },
    });
    return {
      step: 9 * epoch,
      epoch,
      examples: 1152 * epoch,
      gradientEvaluations: 20 * epoch,
      seconds: epoch,
      hyperparameters: hyperAt(epoch),
      ...(epoch > 0 && { train: { loss: score(1.8).loss, penalty: 0.1 } }),
      valid: score(2),
      test: score(2.2),
    };
  });
  const pointOf = ({ epoch, train, valid, test, hyperparameters }: TracePoint): ResultPoint => ({
    epoch,
    ...(train && { train }),
    valid,
    ...(test && { test }),
    hyperparameters: Object.fromEntries(
      Object.entries(hyperparameters).map(([name, { value, scale = null }]) => [name, { value, scale }]),
    ),
  });
  const last = pointOf(trace.at(-1) as TracePoint);
  const names = Object.keys(last.hyperparameters);
  const result: TuneResult = {
    run: "runs/<b>",
    method: "delta-stn",
    engine: "jax",
    seed: 0,
    steps: 9 * EPOCHS,
    seconds: EPOCHS,
    stepsPerSecond: 9,
    ended: "epochs",
    start: {
      hyperparameters: Object.fromEntries(names.map((name) => [name, hyperAt(0)[name]?.value as number])),
    },
    best: last,
    final: last,
    baseline: { ...last, run: "runs/x/baseline" },
    report: "report.html",
    remarks: ["Tuning gained <nothing>"],
    warnings: [
      { about: "options", sentence: "--hyper names <all>" },
      { about: "data", sentence: 'column "<script>alert(1)</script>" is odd & far' },
    ],
  };
  const space = createSpace(
    Object.fromEntries(
      names.map((name) => [
        name,
        name.startsWith("l2")
          ? real(1e-4, { low: 1e-7, high: 0.1, log: true })
          : real(0.1, { low: 0, high: 0.95 }),
      ]),
    ),
  );
  return {
    result,
    config: parseConfig({ data: "a<b>.csv" }, String),
    command: "hypertrain tune",
    methodTitle: "Delta-STN",
    space,
    title,
    trace,
    baseline: trace,
  };
}

/** A hyperparameter that rises by the epochs. */
export const drift = (epoch: number): HyperPoint => ({
  value: 0.05 + epoch / 100,
  scale: 1,
  band: [0.02, 0.3],
});

/** One on a log scale that falls. */
export const decay = (epoch: number): HyperPoint => ({
  value: 1e-4 * 0.9 ** epoch,
  scale: 1,
  band: [1e-6, 1e-3],
});
