import type { ResultPoint } from "../api/result.ts";

/** What the linear model beside a network is called: one whose best epoch is its last had not ended learning. */
export const linearName = ({ epoch }: ResultPoint, final: ResultPoint): string =>
  !final.trial && epoch >= final.epoch ? "linear model, still learning" : "linear model";
