import type { Engine } from "../../engine/engine.ts";
import { engineSubjects } from "./engine-subjects.ts";
import { thisMachine, versions } from "./machine.ts";
import { operationsOf } from "./operations.ts";
import type { Peer } from "./peer.ts";
import { roundRobin, type RoundRobinOptions } from "./round-robin.ts";
import { stepReport, type StepReport } from "./step-report.ts";
import type { Subject } from "./subject.ts";
import { benchTuner, workload, type BenchMethod, type WorkloadSize } from "./workload.ts";

/** What is measured, and for how long. */
export interface StepPlan {
  readonly method: BenchMethod;
  readonly size: WorkloadSize;
  /** The others are compared with the first. */
  readonly engines: readonly Engine[];
  readonly peer?: Peer;
  readonly rhythm: RoundRobinOptions;
}

/** Measures the steps of a method with every engine and, where there is one, with the peer. */
export async function measureStep({ method, size, engines, peer, rhythm }: StepPlan): Promise<StepReport> {
  const { sizes, batch } = size;
  const task = workload(size);
  await using opened = new AsyncDisposableStack();
  const subjects: Subject[] = [];
  for (const engine of engines) {
    const work = { task, batch, tuner: (warmupEpochs: number) => benchTuner(method, warmupEpochs) };
    subjects.push(...opened.use(await engineSubjects(engine, work)).subjects);
  }
  const measurements = await roundRobin([...subjects, ...(peer?.subjects ?? [])], rhythm);
  const facts = {
    method,
    sizes,
    batch,
    operations: operationsOf(method, sizes, batch),
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: { ...versions(), ...(peer && { torch: peer.torch }) },
    ...(peer && { peerThreads: peer.threads }),
    peakResidentMiB: {
      hypertrain: process.resourceUsage().maxRSS / 2 ** 10,
      ...(peer && { pytorch: peer.peakResidentMiB() }),
    },
  };
  return stepReport(facts, measurements);
}
