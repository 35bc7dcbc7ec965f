import { expect, test } from "vitest";

import { projectFiles, readText } from "./tree.ts";

/** What must not be in a committed file, since it holds on one machine only. */
const forbidden: Readonly<Record<string, RegExp>> = {
  "a path of a developer's machine":
    /(?<![\w.~$}])\/(?:work|home|root|Users|tmp\/bash_jobs)\/[^\s"'`)]*|\b[A-Z]:\\Users\\\S*/g,
  "a path beside the project": /\.\.\/shared\/[\w/.-]*/g,
  "the host of a registry": /\bregistry\.[a-z][a-z0-9-]*\.[a-z]{2,}/gi,
};

test("no committed file names a folder of one machine or a registry", () => {
  const offenders = projectFiles().flatMap((path) => {
    const text = readText(path);
    return text.includes("\0") ? [] : findings(path, text);
  });
  expect(offenders).toEqual([]);
});

test("package-lock.json says what to install, not where from", () => {
  const { packages } = JSON.parse(readText("package-lock.json")) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const installed = Object.entries(packages).filter(([path]) => path !== "");
  expect(installed.length).toBeGreaterThan(0);
  expect(
    installed.filter(([, { resolved }]) => resolved).map(([path]) => path),
    "have a `resolved` address",
  ).toEqual([]);
  expect(
    installed.filter(([, { integrity }]) => !integrity).map(([path]) => path),
    "have no `integrity`",
  ).toEqual([]);
});

function findings(path: string, text: string): string[] {
  return Object.entries(forbidden).flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map((match) => `${path}:${lineOf(text, match.index)} ${what}: ${match[0]}`),
  );
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;
