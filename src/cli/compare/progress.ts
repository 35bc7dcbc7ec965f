import type { MultiBar, SingleBar } from "cli-progress";

import type { CurvePoint, LossCurve } from "../../api/comparison.ts";
import { formatLoss, formatSeconds } from "../../report/format.ts";
import { look } from "../progress/look.ts";
import { endOf } from "../../report/standings.ts";
import type { Plan } from "./plan.ts";

/** Shows a comparison to people while it goes on. */
export interface ComparisonView {
  /** A method under way. */
  see(method: string, seed: number, point: CurvePoint): void;
  /** A method that has done its work from one seed, now or in an earlier call. */
  done(curve: LossCurve, before: boolean): void;
  note(line: string): void;
  close(): void;
}

/** A bar for each method where someone watches, lines where not. */
export async function openView(plan: Plan): Promise<ComparisonView> {
  if (plan.config.quiet) return { see() {}, done() {}, note() {}, close() {} };
  if (!process.stderr.isTTY) return lines(plan, (line) => void process.stderr.write(`${line}\n`));
  const { default: progress } = await import("cli-progress");
  return bars(plan, new progress.MultiBar({ ...look, stream: process.stderr }));
}

/** A line for what has ended, and one every ten seconds for what is under way. */
export function lines(plan: Plan, write: (line: string) => void): ComparisonView {
  const all = plan.methods.length * plan.seeds;
  const due = new Map<string, number>();
  let ended = 0;
  return {
    see(method, seed, { seconds, valid }) {
      const key = `${method}, seed ${seed}`;
      if (seconds < (due.get(key) ?? SECONDS_BETWEEN_LINES)) return;
      due.set(key, seconds + SECONDS_BETWEEN_LINES);
      write(`  ${key}: ${formatLoss(valid.loss)} after ${formatSeconds(seconds)}`);
    },
    done(curve, before) {
      const { method, seed, failed } = curve;
      const loss = formatLoss(endOf(curve).valid.loss);
      const how = `${failed ? `, then failed: ${failed}` : ""}${before ? " (done before)" : ""}`;
      write(`${++ended} of ${all}: ${method}, seed ${seed}: ${loss}${how}`);
    },
    note: write,
    close() {},
  };
}

const SECONDS_BETWEEN_LINES = 10;

/** A bar for each method: how much of its work over all seeds is done, and the losses that it has reached. */
export function bars(plan: Plan, multi: MultiBar): ComparisonView {
  const width = Math.max(...plan.methods.map((method) => method.length));
  const rows = new Map<string, { bar: SingleBar; parts: Map<number, Part> }>(
    plan.methods.map((method) => {
      const format = `${method.padEnd(width)} {bar} {percentage}%  {losses}`;
      return [
        method,
        { bar: multi.create(plan.seeds, 0, { losses: "" }, { format }), parts: new Map<number, Part>() },
      ];
    }),
  );
  const show = (method: string, seed: number, part: Part): void => {
    const row = rows.get(method);
    if (!row) return;
    row.parts.set(seed, part);
    const parts = [...row.parts].sort(([a], [b]) => a - b).map(([, each]) => each);
    const losses = parts.map(({ share, loss }) => `${loss}${share < 1 ? "…" : ""}`).join("  ");
    row.bar.update(
      parts.reduce((sum, { share }) => sum + share, 0),
      { losses },
    );
  };
  return {
    see: (method, seed, point) =>
      show(method, seed, { share: shareOf(plan, point), loss: formatLoss(point.valid.loss) }),
    done(curve) {
      const loss = formatLoss(endOf(curve).valid.loss);
      show(curve.method, curve.seed, { share: 1, loss: curve.failed ? `${loss} (failed)` : loss });
    },
    note: (line) => multi.log(`${line}\n`),
    close: () => multi.stop(),
  };
}

/** How far a method has come from one seed. */
interface Part {
  /** From 0 to 1, which is the end. */
  readonly share: number;
  readonly loss: string;
}

/** The part of its budget that a method has used up; below 1 until it says that it is done. */
const shareOf = (
  { seconds: limit, budgetSteps = Infinity }: Plan,
  { seconds, gradientEvaluations }: CurvePoint,
): number => Math.min(0.999, Math.max(seconds / limit, gradientEvaluations / budgetSteps));
