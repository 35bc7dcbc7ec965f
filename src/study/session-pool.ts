import type { Engine, Program, Session } from "../engine/engine.ts";

/**
 * An engine that keeps its sessions: one that was disposed serves the next `open` of the same programs, so that the trials of a study
 * compile their programs once.
 *
 * @returns the engine, and what frees all sessions
 */
export function sessionPool(engine: Engine): { engine: Engine; dispose(): void } {
  const idle = new Map<Readonly<Record<string, Program>>, Session[]>();
  const kept = (programs: Readonly<Record<string, Program>>): Session[] => {
    const sessions = idle.get(programs) ?? [];
    idle.set(programs, sessions);
    return sessions;
  };
  return {
    engine: {
      name: engine.name,
      open(programs, state, precision) {
        const free = kept(programs).pop() as Session<typeof programs> | undefined; // kept for these programs
        free?.write(state);
        const session = free ?? engine.open(programs, state, precision);
        return {
          run: (program, inputs) => session.run(program, inputs),
          read: (parts) => session.read(parts),
          write: (parts) => session.write(parts),
          dispose: () => void kept(programs).push(session),
        };
      },
    },
    dispose() {
      for (const sessions of idle.values()) for (const session of sessions) session.dispose();
      idle.clear();
    },
  };
}
