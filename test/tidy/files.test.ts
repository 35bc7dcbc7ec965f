import { expect, test } from "vitest";

import { projectFiles } from "./tree.ts";

const files = projectFiles();
const kebab = "[a-z0-9]+(?:-[a-z0-9]+)*";

test("modules and their folders have kebab-case names", () => {
  const modules = files.filter((path) => /\.[cm]?[jt]s$/.test(path));
  expect(modules.length).toBeGreaterThan(0);
  const name = new RegExp(`^(?:${kebab}/)*${kebab}(?:\\.${kebab})*\\.[cm]?[jt]s$`);
  expect(modules.filter((path) => !name.test(path))).toEqual([]);
});

test("decision records are numbered from 0001 without a gap", () => {
  const records = files
    .filter((path) => path.startsWith("docs/decisions/"))
    .map((path) => path.split("/")[2] as string);
  const name = new RegExp(`^\\d{4}-${kebab}\\.md$`);
  expect(records.filter((record) => !name.test(record))).toEqual([]);
  expect(records.map((record) => Number(record.slice(0, 4)))).toEqual(records.map((_, index) => index + 1));
});
