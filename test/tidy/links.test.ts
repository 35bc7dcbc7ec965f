/** The links of all Markdown files lead to files of the project, and to headings that are there. */
import { posix } from "node:path";

import { expect, test } from "vitest";

import { projectFiles, readText } from "./tree.ts";

const files = projectFiles();
const folders = new Set(
  files.flatMap((path) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))),
);
const documents = files.filter((path) => path.endsWith(".md"));

/** Without blocks of code. */
const proseOf = (path: string): string => readText(path).replace(/^(?:```|~~~)[\s\S]*?^(?:```|~~~)/gm, "");

/** The anchors that GitHub gives to the headings of a document, equal ones numbered. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = [...proseOf(path).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, text = ""]) => slugOf(text));
  return new Set(
    headings.map((slug, i) => {
      const before = headings.slice(0, i).filter((other) => other === slug).length;
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}

const slugOf = (heading: string): string =>
  heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");

/** The destinations of a document's links within the project. */
const linksOf = (path: string): string[] =>
  [
    ...proseOf(path)
      .replace(/`[^`\n]*`/g, "code")
      .matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g),
  ]
    .map(([, to = ""]) => to)
    .filter((to) => !/^[a-z]+:/.test(to));

/** What is wrong with a link. */
function faultOf(from: string, to: string): string | undefined {
  const [file = "", anchor] = decodeURI(to).split("#");
  const path = file === "" ? from : posix.join(posix.dirname(from), file).replace(/\/$/, "");
  if (!files.includes(path) && !folders.has(path)) return `${from}: ${to}: no such file`;
  if (anchor === undefined || !path.endsWith(".md")) return undefined;
  return anchorsOf(path).has(anchor) ? undefined : `${from}: ${to}: no such heading`;
}

test("links in documents lead to files and headings of the project", () => {
  const links = documents.flatMap((from) => linksOf(from).map((to) => [from, to] as const));
  expect(links.filter(([, to]) => to.includes("#")).length).toBeGreaterThan(10);
  expect(links.flatMap(([from, to]) => faultOf(from, to) ?? [])).toEqual([]);
});
