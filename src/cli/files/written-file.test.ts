import {
  existsSync,
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
import { join, resolve } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { sealJson } from "../../artifacts/sealed-json.ts";
import { benchHypernet, benchSearch, benchStep } from "../commands/bench.ts";
import { compare } from "../commands/compare.ts";
import { dashboard } from "../commands/dashboard.ts";
import { predict } from "../commands/predict.ts";
import { refit } from "../commands/refit.ts";
import { reproduce } from "../commands/reproduce.ts";
import { response } from "../commands/response.ts";
import { studyExport } from "../commands/study.ts";
import { tune } from "../commands/tune.ts";
import { demandWritable } from "./written-file.ts";

type Write = (path: string | undefined, force: boolean) => Promise<number>;

const given = <Name extends string>(name: Name, path: string | undefined): { [name in Name]?: string } =>
  path === undefined ? {} : ({ [name]: path } as { [name in Name]: string }); // which has no other

/** What writes a file that a user names, by the option that names it. */
const writers: Readonly<Record<string, readonly Write[]>> = {
  "--out": [
    (out, force) => predict("run", ["rows.csv"], { ...given("out", out), force }),
    (out, force) => studyExport(undefined, { store: "study.db", ...given("out", out), force }),
  ],
  "--export": [(file, force) => dashboard(".", { store: "study.db", ...given("export", file), force })],
  "--weights": [(weights, force) => response("run", { ...given("weights", weights), force })],
  "--save": [
    (save, force) => benchStep({ ...given("save", save), force }),
    (save, force) => benchHypernet({ ...given("save", save), force }),
    (save, force) => benchSearch({ ...given("save", save), force }),
  ],
};
const last = (some: readonly Write[] = []) => some.at(-1);
const all = Object.entries(writers).flatMap(([flag, some]) => some.map((write) => [flag, write] as const));
const saidOf = (written: Promise<number>): Promise<string> =>
  written.then(String, ({ message }: Error) => message);

const before = process.cwd();
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hypertrain-written-"));
  process.chdir(place);
  mkdirSync(join("run", "response"), { recursive: true });
  for (const name of ["run/config.json", "run/metrics.jsonl", "rows.csv"]) writeFileSync(name, name);
  writeFileSync("study.db", "SQLite format 3\0, but of no pages");
});
afterEach(() => {
  process.chdir(before);
  rmSync(place, { recursive: true, force: true });
});

test("no command that writes a file which a user names loses more by --force than a file of that name", async () => {
  symlinkSync("run", "link");
  writeFileSync("kept.part", "a user's own");
  const refusals = {
    "/dev/null": /must be a file, but \/dev\/null is a device; name another$/,
    run: /must be a file, but run is a folder; name another$/,
    "run/config.json": /must lie outside the run folder .*run, whose files are the run's own, but got/,
    "run/..new": /must lie outside the run folder/,
    "run/response/new": /must lie outside the run folder/,
    "link/new": /must lie outside the run folder/,
    kept: /must be a file that can be written as kept\.part first, but there is one of that name; move it away/,
  };
  for (const [flag, write] of all) {
    for (const [path, sentence] of Object.entries(refusals)) {
      for (const force of [false, true]) {
        const said = await saidOf(write(path, force));
        expect(said, String(write)).toMatch(sentence);
        expect(said).toMatch(new RegExp(`^${flag} `));
      }
    }
  }
  expect(readFileSync("kept.part", "utf8")).toBe("a user's own");
  expect(readdirSync(".").sort()).toEqual(["kept.part", "link", "rows.csv", "run", "study.db"]);
});

test("every command that writes a file which a user names takes a new one, unless it may write over another", async () => {
  symlinkSync("nowhere", "link.csv");
  for (const name of ["kept.csv", "kept.csv.part", "link.csv.part"]) writeFileSync(name, "a user's own");
  for (const [flag, write] of all) {
    for (const path of ["kept.csv", "./kept.csv", "link.csv"]) {
      const refusal = `${flag} must be a new file, but ${path} exists; name another, or write over it with --force`;
      expect(await saidOf(write(path, false)), String(write)).toBe(refusal);
      expect(await saidOf(write(path, true)), String(write)).toContain(`written as ${path}.part first`);
    }
  }
  expect(readFileSync("kept.csv", "utf8")).toBe("a user's own");
});

test("no command makes a folder inside that of a run, or fills it", async () => {
  symlinkSync("run", "link");
  const makers: ((out: string) => Promise<number>)[] = [
    (out) => tune(undefined, { out }),
    (out) => compare(undefined, {}, { out }),
    (out) => refit("run", { out }),
    (out) => reproduce("figure-3", { out }),
  ];
  for (const make of makers)
    for (const out of ["run/sub", "run/response/sub", "link/sub"])
      expect(await saidOf(make(out)), String(make)).toMatch(
        /^--out must lie outside the run folder .*run, whose files are the run's own, but got .*sub/,
      );
  expect(await saidOf(reproduce("figure-3", { out: "run" }))).toMatch(
    /^--out must lie outside the run folder/,
  );
  expect(readdirSync("run").sort()).toEqual(["config.json", "metrics.jsonl", "response"]);
});

test("no file that a run was made from is written over, by whichever of its paths", async () => {
  mkdirSync(join("photos", "cat"), { recursive: true });
  const files = ["people.csv", "book.txt", "net.ts", join("photos", "cat", "1.png")];
  for (const name of files) writeFileSync(name, "a user's own");
  symlinkSync("people.csv", "link.csv");
  const made = { data: resolve("people.csv"), dataDir: resolve("book.txt"), model: resolve("net.ts") };
  const said = (config: object, path: string) => {
    writeFileSync("run/config.json", sealJson(config));
    return Promise.all([
      saidOf(predict("run", ["rows.csv"], { out: path, force: true })),
      saidOf(response("run", { weights: path, force: true })),
    ]);
  };
  for (const path of ["people.csv", "./people.csv", "link.csv", "book.txt", "net.ts"])
    for (const sentence of await said(made, path))
      expect(sentence).toMatch(
        /^--\w+ must be another file than those that the run was made from, but got [^ ]+, which is one of them; name another$/,
      );
  for (const sentence of await said({ data: resolve("photos") }, "photos/cat/1.png"))
    expect(sentence).toContain("than those that the run was made from, but got photos/cat/1.png,");
  for (const sentence of await said({ data: resolve("photos") }, "people.csv"))
    expect(sentence).not.toContain("made from");
});

test("no file of a database is written over, whether by the command's store or another", async () => {
  linkSync("study.db", "same.db");
  symlinkSync("study.db", "link.db");
  writeFileSync("other.db", "SQLite format 3\0");
  const paths = ["study.db", "./study.db", "same.db", "link.db", "study.db-wal", "other.db-shm"];
  for (const [flag, write] of all)
    for (const path of [...paths, "other.db", "other.db-journal"])
      for (const force of [false, true])
        expect(await saidOf(write(path, force)), String(write)).toBe(
          `${flag} must be no file of a database, but ${path} is one of SQLite's; name another`,
        );
});

test("a file that comes between a look and a write is not written over, unless it may be, and nothing is left behind", async () => {
  const write = await demandWritable({ "--out": "kept.csv" });
  const overwrite = await demandWritable({ "--out": "kept.csv" }, { force: true });
  writeFileSync("kept.csv", "a user's own");
  expect(await write("kept.csv", "answers").catch(({ message }: Error) => message)).toBe(
    "--out must be a new file, but kept.csv exists; name another, or write over it with --force",
  );
  expect(readFileSync("kept.csv", "utf8")).toBe("a user's own");
  expect(existsSync("kept.csv.part")).toBe(false);
  await overwrite("kept.csv", "answers");
  expect(readFileSync("kept.csv", "utf8")).toBe("answers");
});

test("--force is refused where no file is named that it could write over", async () => {
  for (const [flag, write] of all) {
    const others = write === last(writers["--weights"]) ? " or --out" : "";
    expect(await saidOf(write(undefined, true)), String(write)).toBe(
      `--force must come with ${flag}${others}, whose file it lets take the place of another, but got it alone; add ${flag}${others}, or leave it out`,
    );
  }
});

test("the files of a curve in a folder that a user names are new ones, unless they may be written over", async () => {
  for (const name of ["mine", "mine/l2-3-.svg"]) mkdirSync(name);
  writeFileSync("mine/l2.json", "a user's own");
  const said = (hyper: string, out: string, force: boolean) =>
    response("run", { hyper, out, force }).catch(({ message }: Error) => message);
  expect(await said("l2", "mine", false)).toBe(
    "l2.json in --out must be a new file, but mine/l2.json exists; name another, or write over it with --force",
  );
  expect(await said("l2[3]", "mine", true)).toMatch(
    /^l2-3-\.svg in --out must be a file, but .* is a folder/,
  );
  expect(await said("l2", "run/response", true)).toMatch(
    /^l2\.json in --out must lie outside the run folder/,
  );
});

test("the options that name a file to write are those that were tried, and each has --force beside it", () => {
  const folder = join(import.meta.dirname, "../program");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const named = texts.flatMap((text) =>
    [...text.matchAll(/"(--\w+) <FILE(?:\.html)?>"/g)].map(([, flag]) => flag),
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(writers).sort());
  const forced = texts.flatMap((text) => text.match(/"--force", "write over a file/g) ?? []);
  expect(forced).toHaveLength(named.length);
});
