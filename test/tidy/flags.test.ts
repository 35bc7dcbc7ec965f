import ts from "typescript";
import { expect, test } from "vitest";

import { nodesOf, parse, place, sourceFiles } from "./tree.ts";

/** Node's own flags, which it tells a thread of itself. */
const ofNode = ["--input-type"];

test("below cli/ no text names a flag: the library has options (optionText), and the command line tells them as flags", () => {
  const sources = sourceFiles().filter((path) => !path.startsWith("cli/"));
  const offenders = sources.map(parse).flatMap((file) =>
    [...nodesOf(file)].flatMap((node) => {
      const isText =
        ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      const flags = isText ? (node.text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []) : [];
      return flags.filter((flag) => !ofNode.includes(flag)).map((flag) => `${place(node)} names ${flag}`);
    }),
  );
  expect(offenders).toEqual([]);
});
