import { expect, test } from "vitest";

import type { ResultPoint, TuneResult } from "../api/result.ts";
import { lead } from "./lead.ts";

const at = (loss: number, epoch = 3): ResultPoint => ({ epoch, valid: { loss }, hyperparameters: {} });

const told = (result: Partial<TuneResult>): string =>
  String(lead({ best: at(0.5), final: at(0.75, 7), ended: "epochs", ...result } as TuneResult, "the method"))
    .replace(/<[^>]+>/g, "")
    .replace(/\s+/g, " ");

test.each([
  [0.5, 1, "50 % below"],
  [1.25, 1, "25 % above"],
  [1.004, 1, "as low as"],
  [-2, -1, "1.0000 below"], // as of log densities
  [-1, -2, "1.0000 above"],
  [0.25, 0, "0.2500 above"],
  [-1, -1, "as low as"],
])("a loss of %d beside %d is %s", (loss, rival, distance) => {
  expect(told({ best: at(loss), baseline: { ...at(rival), run: "baseline" } })).toMatch(
    new RegExp(`^The method reached a validation loss of -?[\\d.]+, ${distance} the same training`),
  );
});

test("a run without a baseline tells its loss, its guard's point, how far it is, or what a refit is", () => {
  expect(told({})).toBe("The lowest validation loss was 0.5000, at epoch 3.");
  const guard = {} as NonNullable<TuneResult["guard"]>;
  expect(told({ guard })).toBe(
    "The validation loss was 0.5000 at epoch 3, which has the lowest loss on the guard.",
  );
  expect(told({ ended: "running" })).toBe(
    "The run goes on; after epoch 7 the lowest validation loss is 0.5000, at epoch 3.",
  );
  const refit = { from: "runs/a" } as NonNullable<TuneResult["refit"]>;
  expect(told({ refit })).toContain(
    "The network of runs/a was trained anew along its schedule, on its training and",
  );
  expect(told({ refit: { ...refit, hold: true } })).toContain(
    "with the hyperparameters of its best epoch held",
  );
});
