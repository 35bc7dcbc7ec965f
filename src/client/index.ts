/**
 * A client of `hypertrain serve`, for programs that search their own hyperparameters: in Node, Deno, Bun and browsers.
 *
 * ```ts
 * import { connect } from "hypertrain/client";
 *
 * const study = await connect("http://127.0.0.1:7718").study({ name: "mine", space: { x: { kind: "real", low: -5, high: 5 } } });
 * await study.optimize(async ({ values }) => (Number(values.x) - 1) ** 2);
 * console.log(await study.best());
 * ```
 */
export type { AskOptions } from "./ask.ts";
export { connect, type Client } from "./connect.ts";
export { ServerError, type ConnectOptions } from "./connection.ts";
export type { HeldTrial, Measures } from "./held-trial.ts";
export type { OptimizeOptions, TrialObjective, TrialResult } from "./optimize.ts";
export type { ClientStudy } from "./study.ts";
export type { Asked, HyperSpec, StudySpec, ToldStudy, ToldTrial, TrialValues } from "../api/protocol.ts";
