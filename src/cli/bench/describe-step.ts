import { formatNumber } from "../../util/format-number.ts";
import { formatTable } from "../../report/format.ts";
import { compileStages, type Compilation } from "../../engine/onnx/compilation.ts";
import { spreadOf } from "./statistics.ts";
import { titleOf, type StepRatio, type StepBenchReport, type StepResult } from "./step-report.ts";

/** A report for people. */
export function describeStep(report: StepBenchReport): string {
  const {
    method,
    sizes,
    network = sizes.join("-"),
    batch,
    machine,
    results,
    ratios,
    compilations = [],
  } = report;
  const title = `${method}, ${network}, batch ${batch}, on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`;
  const sections = [title, formatTable([timesHeading, ...results.map(timesRow)])];
  if (compilations.length > 0)
    sections.push(formatTable([compilationsHeading, ...compilations.map(compilationRow)]));
  if (ratios.length > 0) sections.push(formatTable([ratiosHeading, ...ratios.map(ratioRow)]));
  return `${[...sections, footer(report)].join("\n\n")}\n`;
}

const timesHeading = ["milliseconds", "median", "quartiles", "floor", "median / floor", "processor"];

const timesRow = (result: StepResult): string[] => [
  titleOf(result),
  formatNumber(result.median, 3),
  `${formatNumber(result.lowerQuartile, 3)} to ${formatNumber(result.upperQuartile, 3)}`,
  result.gflops === undefined ? formatNumber(result.floor, 3) : `${formatNumber(result.gflops, 3)} GFLOP/s`,
  formatNumber(result.timesFloor, 3),
  formatNumber(result.processor && spreadOf(result.processor).median, 3),
];

const compilationsHeading = ["to compile, processor ms", ...compileStages, "all", "nodes"];

const compilationRow = ({ program, stages, nodes }: Compilation): string[] => [
  program,
  ...compileStages.map((stage) => formatNumber(stages[stage], 3)),
  formatNumber(
    Object.values(stages).reduce((sum, ms) => sum + ms, 0),
    3,
  ),
  String(nodes),
];

const ratiosHeading = ["times as long, round by round", "median", "least", "most"];

const ratioRow = ({ of, to, median, min, max }: StepRatio): string[] => [
  `${of} / ${to}`,
  ...[median, min, max].map((ratio) => formatNumber(ratio, 3)),
];

function footer({ hypers, operations, peakResidentMiB, versions, peerThreads }: StepBenchReport): string {
  const gflop = Object.entries(operations).map(([step, n]) => `${step} ${formatNumber(n / 1e9, 3)}`);
  const memory = Object.entries(peakResidentMiB).map(([name, mib]) => `${name} ${formatNumber(mib, 4)}`);
  const threads = Object.entries(peerThreads ?? {}).map(([name, count]) => `${name} ${count}`);
  return [
    `hyperparameters: ${hypers.join(", ")}`,
    `GFLOP of a step: ${gflop.join(", ")}`,
    `peak resident memory in MiB: ${memory.join(", ")}`,
    ...(threads.length > 0 ? [`threads of pytorch: ${threads.join(", ")}`] : []),
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n");
}
