/**
 * The stages in which a program is compiled: its function is recorded, its graph simplified, the graph made the bytes of a model, and the model a
 * session of onnxruntime.
 */
export const compileStages = ["trace", "passes", "lower", "session"] as const;

/** One of {@link compileStages}. */
export type CompileStage = (typeof compileStages)[number];

/** What it took to compile a program. */
export interface Compilation {
  readonly program: string;
  /** Nodes of the model. */
  readonly nodes: number;
  /** What each stage took, in the unit of the clock. */
  readonly stages: Readonly<Record<CompileStage, number>>;
}

/** Who is told of each program when it is compiled, and the clock for it. */
export interface CompileWatch {
  readonly clock: { now(): number };
  tell(compilation: Compilation): void;
}

/** Does the work of a stage. */
export type Stage = <T>(stage: CompileStage, work: () => T) => T;

/** A {@link Stage} that times what it does, promises until they are kept, and the times. */
export function timedStages(clock: CompileWatch["clock"]): {
  stage: Stage;
  stages: Record<CompileStage, number>;
} {
  const stages = { trace: 0, passes: 0, lower: 0, session: 0 };
  const stage: Stage = (name, work) => {
    const begin = clock.now();
    const end = () => void (stages[name] = clock.now() - begin);
    const done = work();
    if (done instanceof Promise) void done.then(end, end);
    else end();
    return done;
  };
  return { stage, stages };
}
