import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { benchHypernet, benchSearch, benchStep } from "./commands/bench.ts";
import { dashboard } from "./commands/dashboard.ts";
import { predict } from "./commands/predict.ts";
import { response } from "./commands/response.ts";
import { studyExport } from "./commands/study.ts";

/** What writes a file that a user names, by the option that names it. */
const writers: Readonly<Record<string, readonly ((path: string) => Promise<number>)[]>> = {
  "--out": [
    (out) => predict("run", ["rows.csv"], { out }),
    (out) => studyExport(undefined, { store: "study.db", out, force: true }),
  ],
  "--export": [(file) => dashboard(".", { store: "study.db", export: file })],
  "--weights": [(weights) => response("run", { weights })],
  "--save": [
    (save) => benchStep({ save }),
    (save) => benchHypernet({ save }),
    (save) => benchSearch({ save }),
  ],
};
const all = Object.entries(writers).flatMap(([flag, some]) => some.map((write) => [flag, write] as const));

const before = process.cwd();
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hypertrain-written-"));
  process.chdir(place);
  mkdirSync(join("run", "response"), { recursive: true });
  for (const name of ["run/config.json", "run/metrics.jsonl", "rows.csv", "study.db"])
    writeFileSync(name, name);
});
afterEach(() => {
  process.chdir(before);
  rmSync(place, { recursive: true, force: true });
});

test("every command that writes a file which a user names loses nothing but a file of that name", async () => {
  symlinkSync("run", "link");
  writeFileSync("kept.part", "a user's own");
  const refusals = {
    "/dev/null": /must be a file or a new path, but \/dev\/null is a device; choose another$/,
    run: /must be a file or a new path, but run is a folder; choose another$/,
    "run/config.json": /must lie outside the run folder .*run, whose files are the run's own, but got/,
    "run/..new": /must lie outside the run folder/,
    "run/response/new": /must lie outside the run folder/,
    "link/new": /must lie outside the run folder/,
    kept: /must be a file that can be written as kept\.part first, but there is one of that name; move it away/,
  };
  for (const [flag, write] of all) {
    for (const [path, sentence] of Object.entries(refusals)) {
      const said = await write(path).then(String, ({ message }: Error) => message);
      expect(said, String(write)).toMatch(sentence);
      expect(said).toMatch(new RegExp(`^${flag} `));
    }
  }
  expect(readFileSync("kept.part", "utf8")).toBe("a user's own");
  expect(readdirSync(".").sort()).toEqual(["kept.part", "link", "rows.csv", "run", "study.db"]);
});

test("a store is written over under none of its names", async () => {
  linkSync("study.db", "same.db");
  const [, write] = writers["--out"] as [unknown, (path: string) => Promise<number>];
  for (const path of ["study.db", "./study.db", "same.db", "study.db-wal"])
    for (const some of [write, writers["--export"]?.[0]])
      await expect(some?.(path)).rejects.toThrow(
        /must be another file than the store, but .* holds its studies/,
      );
});

test("the options that name a file to write are those that were tried", () => {
  const folder = join(import.meta.dirname, "program");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/"(--\w+) <FILE(?:\.html)?>"/g)].map(([, flag]) => flag),
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(writers).sort());
});
