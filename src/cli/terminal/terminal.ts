import type { TuneResult } from "../../api/result.ts";
import type { Config } from "../config/config.ts";
import { inFlags } from "./in-flags.ts";
import { lineProgress } from "../progress/lines.ts";
import type { OpenView } from "../progress/progress.ts";
import { paint } from "./paint.ts";
import { silentProgress } from "../progress/silent.ts";
import { neutralised } from "../../util/text.ts";
import { describeResult } from "../views/summary.ts";

/** Where a command's words go: results to stdout, all else to stderr, where `--quiet` silences what goes on its way. */
export interface Terminal {
  readonly progress: OpenView;
  /** A remark on the way. */
  note(line: string): void;
  /** What became of work that a signal ended, and how to go on with it: told with `--quiet` as well. */
  stopped(line: string): void;
  /** What the command was asked for. */
  result(result: TuneResult): void;
}

/** The terminal of one command: a bar where someone watches, lines where not. */
export async function openTerminal({ json, quiet }: Pick<Config, "json" | "quiet">): Promise<Terminal> {
  const write = (line: string) =>
    void process.stderr.write(paint(`${neutralised(inFlags(line))}\n`, process.stderr));
  const { progress, note } = quiet ? { progress: silentProgress, note: () => {} } : await oneLine(write);
  return {
    ...{ note, progress, stopped: quiet ? write : note },
    result(result) {
      const describe = ({ columns }: Partial<NodeJS.WriteStream>) => describeResult(result, columns);
      if (!json)
        return void process.stdout.write(paint(neutralised(describe(process.stdout)), process.stdout));
      process.stdout.write(`${JSON.stringify(result)}\n`);
      note(describe(process.stderr).trimEnd());
    },
  };
}

/** Progress, and how remarks are written beside it: above a bar, since the bar would be drawn again below them. */
async function oneLine(write: (line: string) => void): Promise<Pick<Terminal, "progress" | "note">> {
  if (!process.stderr.isTTY) return { progress: lineProgress(write, performance), note: write };
  const { barProgress } = await import("../progress/bar.ts");
  return barProgress(process.stderr, write);
}
