import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";

import { onDisk } from "../../artifacts/disk.ts";
import { formatBytes, formatEpochs, formatLoss, formatTable } from "../../report/format.ts";
import { unitSentences } from "../../report/loss-unit.ts";
import { validText } from "../../report/refit.ts";
import { inputError } from "../../util/error.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { foldersBelow } from "../files/folders-below.ts";
import { paint } from "../terminal/paint.ts";
import { summaryAt, type RunSummary } from "../views/run-summary.ts";

/**
 * Lists the run folders that lie in a folder, up to two steps down.
 *
 * @returns the exit code
 */
export async function list(folder: string, { json = false }: { readonly json?: boolean }): Promise<number> {
  const runs: RunSummary[] = [];
  for (const path of await runsBelow(folder)) runs.push(await summaryAt(path)); // one after the other: traces can be large
  runs.sort((a, b) => (b.changed ?? "").localeCompare(a.changed ?? "") || a.run.localeCompare(b.run));
  const text = json ? `${JSON.stringify(runs)}\n` : paint(describeRuns(folder, runs), process.stdout);
  process.stdout.write(text);
  return 0;
}

async function runsBelow(folder: string): Promise<Iterable<string>> {
  const fault = !existsSync(folder) ? "does not exist" : statSync(folder).isDirectory() ? "" : "is a file";
  if (fault) {
    throw inputError(
      `${oneLine(folder)} must be a folder with runs, but ${fault}; name one that holds run folders`,
    );
  }
  await onDisk(folder, () => readdir(folder)); // which says what is wrong
  return (await foldersBelow(folder, "run")).values();
}

function describeRuns(folder: string, runs: readonly RunSummary[]): string {
  if (runs.length === 0) return `no runs in ${neutralised(folder)}\n`;
  const headings = ["run", "state", "data", "method", "epochs", "best loss", "changed", "size"];
  const rows = runs.map(({ run, state, data, method, epochs, of, refitted, valid, changed, bytes }) => [
    oneLine(run),
    state,
    data === null ? "–" : oneLine(basename(data), 24),
    method === null ? "–" : oneLine(method, 24),
    epochs === null ? "–" : `${formatEpochs(epochs)}${of === null ? "" : `/${formatEpochs(of)}`}`,
    validText(formatLoss(valid?.loss), refitted !== null),
    changed === null ? "–" : localTime(changed),
    bytes === null ? "–" : formatBytes(bytes),
  ]);
  const table = formatTable([headings, ...rows], {
    width: process.stdout.columns,
    spare: [2, 3, 7, 4, 6], // the folder's name says data and method
  });
  const damage = runs.flatMap(({ damage }) =>
    damage === undefined ? [] : [`warning: ${neutralised(damage)}\n`],
  );
  const units = unitSentences(runs.map(({ run, lossUnit }) => ({ name: run, lossUnit })));
  return `${table}\n${units.map((unit) => `  ${unit}\n`).join("")}${damage.join("")}`;
}

/** A date as `2026-01-31 18:05`, in the time of this place. */
function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
