import type { TuneResult } from "../api/result.ts";
import type { Config } from "./config.ts";
import { lineProgress } from "./progress/lines.ts";
import type { Progress } from "./progress/progress.ts";
import { silentProgress } from "./progress/silent.ts";
import { neutralised } from "../util/text.ts";
import { describeResult } from "./summary.ts";

/** Where a command's words go: results to stdout, all else to stderr, where `--quiet` silences it. */
export interface Terminal {
  readonly progress: Progress;
  /** A remark on the way. */
  note(line: string): void;
  /** What the command was asked for. */
  result(result: TuneResult): void;
}

/** The terminal of one command: a bar where someone watches, lines where not. */
export async function openTerminal({ json, quiet }: Pick<Config, "json" | "quiet">): Promise<Terminal> {
  const note = quiet ? () => {} : (line: string) => void process.stderr.write(`${neutralised(line)}\n`);
  return {
    note,
    progress: await chooseProgress(quiet, note),
    result(result) {
      if (!json) return void process.stdout.write(neutralised(describeResult(result)));
      process.stdout.write(`${JSON.stringify(result)}\n`);
      note(describeResult(result).trimEnd());
    },
  };
}

async function chooseProgress(quiet: boolean, note: (line: string) => void): Promise<Progress> {
  if (quiet) return silentProgress;
  if (!process.stderr.isTTY) return lineProgress(note, performance);
  const { barProgress } = await import("./progress/bar.ts");
  return barProgress(process.stderr);
}
