export type { ResultHyper, ResultPoint, TuneResult } from "../api/result.ts";
export type { RunDocument } from "../api/run-document.ts";
export type { Warning } from "../api/warning.ts";
export { lossUnitOf, type LossFacts } from "./loss-unit.ts";
export type { PageAssets } from "./page.ts";
export { renderReport, type ReportInput } from "./report.ts";
export { resultOf, type ResultInput } from "./result.ts";
export type { RunEnd, RunFacts } from "./run-facts.ts";
export { runDocumentOf, type DocumentInput } from "./run-document.ts";
