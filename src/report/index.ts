export type { ResultHyper, ResultPoint, TuneResult } from "../api/result.ts";
export { renderReport, type ReportInput } from "./report.ts";
export { resultOf, type ResultInput, type RunEnd } from "./result.ts";
