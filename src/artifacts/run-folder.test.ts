import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { createRunFolder, openRunFolder } from "./run-folder.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hypertrain-run-folder-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test("of two runs that begin in one folder at once, one has it, and the other is told", async () => {
  const out = join(place, "run");
  const begun = await Promise.allSettled([1, 2].map((seed) => createRunFolder({ seed }, { out })));
  expect(begun.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const [lost] = begun.filter((each) => each.status === "rejected");
  expect(lost?.reason).toMatchObject({ code: "input", message: expect.stringContaining(out) as string });
  const winner = begun.findIndex(({ status }) => status === "fulfilled") + 1;
  expect((await openRunFolder(out)).config).toMatchObject({ seed: winner });
  expect(readdirSync(out)).toEqual(["config.json"]);
});

test("a folder with a run is to be resumed only where the run can go on from there", async () => {
  const out = join(place, "run");
  const { path, checkpoint } = await createRunFolder({}, { out });
  const again = async () => await createRunFolder({}, { out }).catch(({ message }: Error) => message);
  expect(await again()).toBe(
    `\`out\` must be a new or empty folder, but ${path} holds a run; choose another`,
  );
  mkdirSync(checkpoint);
  expect(await again()).toMatch(/; choose another, or go on with `hypertrain resume [^`]*`$/);
});
