import type { Engine } from "../../engine/engine.ts";
import type { Compilation } from "../../engine/onnx/compilation.ts";
import { engineSubjects } from "./engine-subjects.ts";
import { thisMachine, versions } from "./machine.ts";
import type { Peer } from "./peer.ts";
import { roundRobin, type RoundRobinOptions } from "./round-robin.ts";
import { stepReport, type StepBenchReport } from "./step-report.ts";
import type { Subject } from "./subject.ts";
import type { BenchWork } from "./bench-work.ts";

/** What is measured, and for how long. */
export interface StepPlan {
  readonly work: BenchWork;
  /** The others are compared with the first. */
  readonly engines: readonly Engine[];
  readonly peer?: Peer;
  /** What it took to compile programs, which an engine goes on to fill. */
  readonly compilations?: readonly Compilation[];
  readonly rhythm: RoundRobinOptions;
}

/** Measures the steps of a method with every engine and, where there is one, with the peer. */
export async function measureStep({
  work,
  engines,
  peer,
  compilations = [],
  rhythm,
}: StepPlan): Promise<StepBenchReport> {
  const { method, sizes, network, batch, operations, task } = work;
  await using opened = new AsyncDisposableStack();
  const subjects: Subject[] = [];
  for (const engine of engines) {
    subjects.push(...opened.use(await engineSubjects(engine, work)).subjects);
  }
  const measurements = await roundRobin([...subjects, ...(peer?.subjects ?? [])], rhythm);
  const facts = {
    method,
    sizes,
    ...(network !== undefined && { network }),
    batch,
    hypers: task.problem.space.names,
    operations,
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: { ...versions(), ...(peer && { torch: peer.torch }) },
    ...(peer && { peerThreads: peer.threads }),
    ...(compilations.length > 0 && { compilations: firstOfEach(compilations) }),
    peakResidentMiB: {
      hypertrain: process.resourceUsage().maxRSS / 2 ** 10,
      ...(peer && { pytorch: peer.peakResidentMiB() }),
    },
  };
  return stepReport(facts, measurements);
}

/** The first compilation of each program of a method: the bare steps', in a process that has compiled nothing before. */
const firstOfEach = (compilations: readonly Compilation[]): Compilation[] =>
  compilations.filter(
    ({ program }, i) =>
      program !== "product" && compilations.findIndex((one) => one.program === program) === i,
  );
