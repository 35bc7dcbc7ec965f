/** What became of what a command said. */
export interface Output {
  /** Why standard output did not take all of it; nothing where it did, or where its reader has gone. */
  failure(): Promise<NodeJS.ErrnoException | undefined>;
}

/**
 * Goes on where nobody listens any more: `2>&1 | head` closes both streams early, `2>/dev/full` takes nothing. What a command was
 * asked for goes to standard output, so that a failure there counts.
 */
export function watchOutput(): Output {
  for (const [stream, hear] of listeners) {
    if (!stream.listeners("error").includes(hear)) stream.on("error", hear);
  }
  lost = undefined;
  return {
    async failure() {
      await new Promise(setImmediate); // a stream tells of its failure later
      return lost;
    },
  };
}

let lost: NodeJS.ErrnoException | undefined;

function hearResults(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") lost ??= error;
}

const listeners = [
  [process.stdout, hearResults],
  [process.stderr, () => {}],
] as const;
