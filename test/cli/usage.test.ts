import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";

import { describe, expect, test } from "vitest";

import { fieldNames, fields, flagOf } from "../../src/cli/config/fields.ts";
import type { Field } from "../../src/cli/config/fields/field.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const tiny = ["--hidden", "4", "--epochs", "1", "--no-baseline"];

describe("help", () => {
  test.each([["tune"], ["resume"], ["doctor"], ["bench"]])(
    "of %s has examples and fits a screen's width",
    async (command) => {
      const { code, stdout, stderr } = await call(command, "--help");
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/Examples:\n {2}hypertrain /);
    },
  );

  test.each([["tune"], ["compare"], []])(
    "%s --help is at most 60 lines, --help-all and --help METHOD more",
    async (...command) => {
      const { code, stdout } = await call(...command, "--help");
      expect([code, stdout.trimEnd().split("\n").length <= 60]).toEqual([0, true]);
      const all = await call(...command, "--help-all");
      expect([all.code, all.stdout.includes("--hypernet-lr"), stdout.includes("--hypernet-lr")]).toEqual([
        0,
        true,
        false,
      ]);
    },
  );

  test("of compare names the folder that it makes", async () => {
    const place = /--out <DIR> +the folder to make, or to go on in \(default: comparisons\/DATA\)/;
    expect((await call("compare", "--help")).stdout).toMatch(place);
    expect((await call("compare", "--help-all")).stdout).not.toContain("runs/DATA-METHOD-SEED");
  });

  test("of a method is of what it has a use for", async () => {
    const { code, stdout } = await call("tune", "--help", "smash");
    expect([code, stdout.includes("--candidates"), stdout.includes("--scale-lr")]).toEqual([0, true, false]);
    expect(await call("tune", "--help", "smesh")).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: expect.stringMatching(/^error: --help must be one of .* did you mean "smash"\?\n$/) as string,
    });
  });

  test("of a method is had by every way to ask for help, and of auto it is the rule", async () => {
    const { stdout } = await call("tune", "--help", "delta-stn");
    for (const asked of [
      ["--help", "delta-stn"],
      ["-h", "delta-stn"],
      ["help", "delta-stn"],
      ["help", "tune", "delta-stn"],
      ["tune", "delta-stn", "--help"],
    ])
      expect(await call(...asked)).toEqual({ code: 0, stdout, stderr: "" });
    expect((await call("--help", "resume")).stdout).toBe((await call("resume", "--help")).stdout);
    for (const asked of [
      ["tune", "--help", "auto"],
      ["help", "auto"],
    ])
      expect((await call(...asked)).stdout).toMatch(
        /auto: looks at the problem[^]*hyperband where the learning rate/,
      );
    for (const [asked, sentence] of [
      [["export", "--help"], /^error: help must be asked for a command or a method, but got "export"; see/],
      [["tun", "x", "-h"], /got "tun"; did you mean "tune"\?\n$/],
      [["study", "foo", "--help"], /^error: help must be asked for a command, but got "foo"; see/],
    ] as const) {
      const { code, stdout, stderr } = await call(...asked);
      expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
    }
    expect((await call("--help", "delta")).stderr).toMatch(
      /^error: help must .* "delta"; did you mean "delta-stn"\?\n$/,
    );
  });

  test("names the commands", async () => {
    const { code, stdout } = await call("--help");
    expect(code).toBe(0);
    for (const command of ["tune", "resume", "doctor", "bench"]) expect(stdout).toContain(`  ${command} `);
  });

  test("is the answer to no command at all, as an error", async () => {
    const { code, stdout } = await call();
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("does not load arrays, schemas or plots", async () => {
    const main = new URL("../../src/cli/main.ts", import.meta.url).href;
    const script = `
      const { registerHooks } = await import("node:module");
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { main } = await import(${JSON.stringify(main)});
      process.stdout.write = () => true;
      await main(["--help"]);
      process.stderr.write(JSON.stringify(loaded));`;
    const { spawnSync } = await import("node:child_process");
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    const loaded = JSON.parse(stderr) as string[];
    expect(loaded.some((url) => url.includes("commander"))).toBe(true);
    expect(loaded.filter((url) => /jax-js|zod|vega|src\/(engine|tuners|data)/.test(url))).toEqual([]);
  });
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect((await call("--version")).stdout.trim()).toBe(version);
});

test("long words are cut in what is said of them", async () => {
  const word = "x".repeat(1000);
  const named = fieldNames.filter((name) => {
    const { argument = "", group }: Field = fields[name];
    return group !== "Data:" && group !== "Run:" && argument !== "";
  });
  for (const name of [...named, "data", "seed", "engine", "valid"]) {
    const { code, stderr } = await call("tune", flagOf(name), word);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: [^\n]+\n$/)]);
    expect(stderr).not.toContain("x".repeat(100));
  }
});

describe("bad input ends with 2 and one sentence", () => {
  test.each<[string, string[], RegExp]>([
    ...["--folds=3", "--bptt=4", "--width=2", "--separator=;"].map((flag): [string, string[], RegExp] => [
      `${flag} of a problem of one's own`,
      ["tune", "examples/my-problem.ts", flag],
      /must be left out with a problem of your own/,
    ]),
    ["a dashboard of no folder", ["dashboard", "nowhere"], /"nowhere" is not there/],
    ["a page in no folder", ["dashboard", "--export", "nowhere/x.html"], /^error: nowhere must exist/],
    [
      "a page in a file without a name",
      ["dashboard", "--export", ""],
      /^error: --export must name a file, but got ""; /,
    ],
    [
      "a run in a folder without a name",
      ["tune", "--out="],
      /^error: --out must name a folder, but got ""; /,
    ],
    [
      "a study on standard output by another's sign",
      ["study", "export", "--store", "s.db", "--out", "-"],
      /^error: --out must name a file, but got "-", which is neither standard input nor output here; /,
    ],
    ["a dashboard of a file", ["dashboard", "points.csv"], /"points\.csv" is a file/],
    ["an unknown command", ["tone"], /unknown command 'tone'; did you mean "tune"\?/],
    [
      "help on an unknown command",
      ["help", "resum"],
      /^error: help must .* "resum"; did you mean "resume"\?\n$/,
    ],
    [
      "help on a method that is none",
      ["help", "tune", "delta"],
      /^error: help must be asked for a command or a method of it, but got "delta"; did you mean "delta-stn"\?\n$/,
    ],
    [
      "help on two methods",
      ["help", "stn", "tpe"],
      /^error: help must be asked for one method at a time, but got "stn tpe"; ask `hypertrain help stn`\n$/,
    ],
    [
      "help on an unknown part of a command",
      ["help", "study", "foo"],
      /^error: help must be asked for a command, but got "foo"; see `hypertrain study --help`\n$/,
    ],
    ["an unknown flag", ["tune", "--epoch", "3"], /unknown option '--epoch'; did you mean "--epochs"\?/],
    [
      "a long name of a study",
      ["tune", "--method", "random", "--store", "s.db", "--study", "s".repeat(300)],
      /^error: --study must have at most 200 characters, but got 300; shorten it\n$/,
    ],
    ["a flag far from any", ["tune", "--zzz"], /unknown option '--zzz'; see `hypertrain tune --help`/],
    ["a flag without its value", ["tune", "--epochs"], /argument missing; see/],
    ["a word for a number", ["tune", "--epochs", "many"], /--epochs must be a number, but got "many"/],
    ["an empty number", ["tune", "--lr="], /--lr must be a number, but got ""/],
    ["a negative number", ["tune", "--lr", "-1"], /--lr must be greater than 0, but got -1/],
    ["a fraction of a seed", ["tune", "--seed", "1.5"], /--seed must be a whole number/],
    [
      "an unknown method",
      ["tune", "--method", "delta-stm"],
      /--method must be one of .* did you mean "delta-stn"\?/,
    ],
    [
      "an option of other methods",
      ["tune", "--method", "random", "--scale-lr", "0.1"],
      /--scale-lr must be left out for random, which has no use for it, but got 0\.1; it is for delta-stn, centered-stn, stn\n/,
    ],
    [
      "such a field in a file",
      ["tune", "useless.json"],
      /"horizon" in useless\.json must be left out for delta-stn/,
    ],
    [
      "an option without the one that gives it a meaning",
      ["tune", "--rank", "3"],
      /--rank must come with --response low-rank, but got 3 with --response auto/,
    ],
    [
      "an option that no compared method has",
      ["compare", "--methods", "random,gp", "--time", "1s", "--trial-epochs", "3", "--samples", "3"],
      /--samples must be left out for random, gp, which have no use for it/,
    ],
    [
      "a folder of images for a set without one",
      ["tune", "--data-dir", "images"],
      /--data-dir must come with --data mnist or fashion-mnist or .*, but got ".*images" with --data digits; change that or leave --data-dir out/,
    ],
    [
      "threads for an engine that has one",
      ["tune", "--engine", "jax", "--threads", "2"],
      /--threads must come with --engine auto or onnx, but got 2 with --engine jax/,
    ],
    [
      "a separator for JSON",
      ["tune", "--data", "list.json", "--target", "y", "--separator", ";"],
      /--separator ';' must go with separated text such as CSV, but .*list\.json is JSON; leave it out/,
    ],
    [
      "a header for Parquet",
      ["inspect", "table.parquet", "--target", "y", "--no-header"],
      /--no-header must go with separated text such as CSV, but .*table\.parquet is a Parquet file/,
    ],
    [
      "an unknown engine",
      ["tune", "--engine", "cuda"],
      /--engine must be one of auto, onnx, jax, but got "cuda"/,
    ],
    ["unknown data", ["tune", "--data", "digit"], /the data must be one of .* did you mean "digits"\?/],
    ["data as the argument", ["tune", "digits"], /must be a config file .* use --data digits/],
    ["no config file", ["tune", "none.json"], /none\.json must exist/],
    ["a config that is no JSON", ["tune", "broken.json"], /broken\.json must be JSON, but/],
    ["a config that is a list", ["tune", "list.json"], /list\.json must hold a JSON object/],
    ["an unknown field", ["tune", "unknown.json"], /got "hiddn"; did you mean "hidden"\?/],
    ["a wrong field", ["tune", "wrong.json"], /"lr" in wrong\.json must be a number/],
    [
      "no data file",
      ["tune", "--data", "none.csv", "--target", "y"],
      /none\.csv must be a file with a table or a folder with images, but there is none; check the path/,
    ],
    [
      "no folder of images",
      ["tune", "--data", "./photos", "--model", "simple-cnn"],
      /photos must be .*there is none/,
    ],
    [
      "a target of a folder",
      ["tune", "--data", "./", "--target", "y"],
      /--target must go with a table of your own/,
    ],
    [
      "a folder without images",
      ["tune", "--data", "used"],
      /must hold a folder of images for each of at least two/,
    ],
    ["no target", ["tune", "--data", "points.csv"], /got no --target/],
    [
      "an unknown target",
      ["tune", "--data", "points.csv", "--target", "z"],
      /must be a column of .*points\.csv/,
    ],
    [
      "a target for digits",
      ["tune", "--target", "y"],
      /--target must go with a table of your own, but the data is digits; leave it out, or name a file with a table/,
    ],
    ["no image files", ["tune", "--data", "mnist"], /must hold the files of mnist/],
    [
      "a loss for another task",
      ["tune", "--data", "diabetes", "--loss", "cross-entropy"],
      /--loss cross-entropy must go with classes, but diabetes is a regression/,
    ],
    [
      "hidden layers in a linear model",
      ["tune", "--model", "linear", "--hidden", "3"],
      /--hidden must be left out/,
    ],
    [
      "momentum for adam",
      ["tune", "--optimizer", "adam", "--momentum", "0.5"],
      /momentum must be left out for adam/,
    ],
    ["a malformed hyperparameter", ["tune", "--hyper", "l2"], /--hyper must have the form/],
    [
      "an unknown hyperparameter",
      ["tune", "--hyper", "dropout.fc9=0.1"],
      /must be one of dropout, .* "dropout\.fc9"/,
    ],
    [
      "an architecture of a table's network",
      ["tune", "--data", "wine", "--method", "gp", "--hyper", "width.fc1=8:2..16"],
      /"width\.fc1" must go with --model mlp, whose architecture it chooses, but the network is wide-and-deep; take --model mlp, or leave it out/,
    ],
    [
      "a start on the boundary",
      ["tune", "--hyper", "dropout=0"],
      /dropout must start above 0, where its range begins unless one is given, but got 0; start higher\n/,
    ],
    ["an unknown option of one", ["tune", "--hyper", "l2=1e-4,lag"], /got "lag"; did you mean "log"\?/],
    ["nothing to tune", ["tune", "nothing.json"], /delta-stn must have at least one hyperparameter to tune/],
    [
      "cosine without an end",
      ["tune", "--time", "1s", "--schedule", "cosine"],
      /--schedule cosine must come with --epochs, at which it ends, but got --time 1s alone; add it, and the run ends at whichever comes first\n/,
    ],
    ["no hidden units", ["tune", "--hidden", "8,0"], /entry 2 of --hidden must be greater than 0, but got 0/],
    ["no number among some", ["tune", "--hidden=8,"], /--hidden must be numbers with commas .* but got "8,"/],
    ["no time", ["tune", "--time", "0m"], /--time must be a time of more than 0 such as 60s/],
    [
      "one hyperparameter twice",
      ["tune", "--hyper", "l2=1e-3", "--hyper", "l2=1e-2"],
      /--hyper must give each name once, but got "l2" twice/,
    ],
    [
      "a value for a switch",
      ["tune", "--baseline", "none"],
      /^error: --baseline must stand alone, since it takes no value, but "none" stands behind it; leave that out, or write --no-baseline for the opposite$/m,
    ],
    [
      "a value for its opposite",
      ["tune", "--no-baseline", "x"],
      /--no-baseline .* write --baseline for the opp/,
    ],
    [
      "a value for a switch among words",
      ["inspect", "--header", "no", "a.csv"],
      /--header .* "no" stands behind it/,
    ],
    [
      "a value for a plain switch",
      ["doctor", "--json", "q"],
      /--json .* "q" stands behind it; leave that out$/m,
    ],
    ["a file behind a switch", ["tune", "--quiet", "no.json"], /no\.json must exist/],
    [
      "too much behind another flag",
      ["inspect", "a.csv", "--target", "t", "u"],
      /too many arguments for 'inspect'/,
    ],
    [
      "class weights for numbers",
      ["tune", "--data", "diabetes", "--class-weights", "balanced"],
      /--class-weights balanced must go with classes, but diabetes is a regression; leave it out/,
    ],
    ["a Python for nobody", ["bench", "search", "--python", "p"], /--python must come with --peer/],
    [
      "a response between nothing",
      ["tune", "--schedule", "step"],
      /--schedule step must come with --decay-epochs, .* but got none/,
    ],
    ["no problem file", ["tune", "none.ts"], /there is no .*none\.ts/],
    ["a module without a task", ["tune", "no-task.mjs"], /must export a task .* lacks problem\.name/],
    ["a module without a default", ["tune", "no-default.mjs"], /has no default export/],
    [
      "a module that does not load",
      ["tune", "throws.mjs"],
      /must load as a module, but threw: oh no and why \(at \S*throws\.mjs:1\)$/m,
    ],
    [
      "a network for a problem",
      ["tune", "throws.mjs", "--hidden", "3"],
      /--hidden must be left out with a problem/,
    ],
    [
      "a folder in use",
      ["tune", ...tiny, "--out", "used"],
      /--out must be a new or empty folder, but used holds a\.txt/,
    ],
    [
      "a file as the folder",
      ["tune", ...tiny, "--out", "points.csv"],
      /must be a folder, but a file is there/,
    ],
    ["no run", ["resume"], /missing required argument 'run'/],
    ["a run that is not there", ["resume", "none"], /none must be a run folder, but does not exist/],
    ["a folder that is no run", ["resume", "used"], /used must be a run folder, but holds no config\.json/],
    ["a file for a run", ["resume", "points.csv"], /points\.csv must be a run folder, but is a file; name/],
    [
      "a file for a folder of runs",
      ["list", "points.csv"],
      /points\.csv must be a folder with runs, but is a file/,
    ],
    ["fewer epochs than none", ["resume", "used", "--epochs", "x"], /--epochs must be a number/],
  ])("%s", async (_, argv, sentence) => {
    writeFileSync("broken.json", "{");
    writeFileSync("list.json", "[]");
    writeFileSync("table.parquet", "PAR1");
    writeFileSync("useless.json", '{ "horizon": 3 }');
    writeFileSync("nothing.json", '{ "hyper": {} }');
    writeFileSync("unknown.json", '{ "hiddn": [3] }');
    writeFileSync("wrong.json", '{ "lr": "fast" }');
    writeFileSync("points.csv", "x,y\n1,2\n2,3\n3,5\n4,1\n5,0\n");
    writeFileSync("no-task.mjs", "export default { data: {} };");
    writeFileSync("no-default.mjs", "export const task = 1;");
    writeFileSync("throws.mjs", "throw new Error('oh no\\nand why');");
    mkdirSync("used");
    writeFileSync("used/a.txt", "mine");
    const { code, stdout, stderr } = await call(...argv);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that may not be written to", async () => {
    mkdirSync("locked");
    chmodSync("locked", 0o500);
    const { code, stderr } = await call("tune", ...tiny, "--out", "locked/run");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/permission was denied/)]);
  });
});

test("a loss that is not finite ends with 1, naming step and rates, and leaves nothing untrained behind", async () => {
  const { code, stdout, stderr } = await call(
    "tune",
    "--hidden",
    "4",
    "--epochs",
    "3",
    "--lr",
    "1e30",
    "--out",
    "run",
  );
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^error: the .* loss must stay finite, .* at step \d+ \(learning rates: weights 1e\+30/m,
  );
  expect(existsSync("run")).toBe(false);
});

test("a bug shows as one sentence, and where it is with --debug", async () => {
  writeFileSync("odd.mjs", "export default new Proxy({}, { get() { throw new TypeError('odd'); } });");
  const { code, stderr } = await call("tune", "odd.mjs");
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: odd \(this is a bug of hypertrain; [^\n]+\)\n$/),
  ]);
  expect((await call("tune", "odd.mjs", "--debug")).stderr).toMatch(/\n +at /);
});

test("doctor finds the engines, the bundled data and the folder", async () => {
  const { code, stdout } = await call("doctor", "--json");
  const diagnosis = JSON.parse(stdout) as {
    ok: boolean;
    engines: { name: string; works: boolean; auto: boolean; threads: number; gflops: number }[];
    data: { name: string; found: boolean; rows?: number }[];
    folder: { writable: boolean };
  };
  expect(code).toBe(0);
  expect(diagnosis).toMatchObject({
    ok: true,
    node: { version: process.version },
    folder: { writable: true },
  });
  expect(diagnosis.engines).toEqual([
    { name: "onnx", works: true, auto: true, threads: availableParallelism(), gflops: expect.any(Number) },
    { name: "jax (wasm)", works: true, auto: false, threads: 1, gflops: expect.any(Number) },
  ]);
  for (const { gflops } of diagnosis.engines) expect(gflops).toBeGreaterThan(0);
  expect(diagnosis.data.find(({ name }) => name === "digits")).toMatchObject({ found: true, rows: 1797 });
  const { stdout: text } = await call("doctor");
  expect(text).toMatch(/✓ onnx .* GFLOP\/s in a matrix product, .*; taken unless --engine names another\n/);
  expect(text).toMatch(/✓ jax \(wasm\) .* GFLOP\/s in a matrix product, 1 thread\n/);
  expect(text).toMatch(/hypertrain works here\.\n$/);
});

test("without a terminal, progress is lines on stderr, and --quiet silences them", async () => {
  const loud = await start("tune", ...tiny, "--out", "a").finished;
  expect(loud.stderr).toMatch(/^training|^tuning: epoch 0\/1, /);
  expect(loud.stderr).not.toContain("\u001b");
  expect(loud.stdout).toMatch(/tuned by delta-stn/);
  const quiet = await start("tune", ...tiny, "--out", "b", "--quiet", "--json").finished;
  expect(quiet.stderr).toBe("");
  expect(JSON.parse(quiet.stdout)).toMatchObject({ run: "b" });
});
