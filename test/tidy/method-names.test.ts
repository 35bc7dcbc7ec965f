import ts from "typescript";
import { expect, test } from "vitest";

import { methodNames } from "../../src/methods/lookup.ts";
import { nodesOf, parse, place, sourceFiles } from "./tree.ts";

/** Where methods have no names; `study/method-for.ts` is the rule of `auto`, which chooses one by its name. */
const below =
  /^(util|api|client|engine|nn|data|space|problem|response|hypergrad|tuners|search|study|report)\//;
const chooses = "study/method-for.ts";

/** Names that are words besides are found behind what makes them names. */
const words = ["fixed", "random", "grid", "reversible", "unrolled", "quasi-random"];
const named = new RegExp(
  `(?<![\\w-])(?:${methodNames.filter((name) => !words.includes(name)).join("|")})(?![\\w-])|` +
    `(?:--method|methods?|take|use|by|or) "?(?:${methodNames.join("|")})(?![\\w-])`,
);

test("below methods/ and in reports no sentence names a method, but where that method is", () => {
  const sources = sourceFiles().filter((path) => below.test(path) && path !== chooses);
  const offenders = sources.map(parse).flatMap((file) => {
    const own = ownNames(file);
    return [...nodesOf(file)].flatMap((node) => {
      const [name] = (isSentence(node) && named.exec(node.text)) || [];
      return name === undefined || own.some((one) => name.endsWith(one))
        ? []
        : [`${place(node)} names ${name}`];
    });
  });
  expect(offenders).toEqual([]);
});

/** Texts of several words that people read: one alone is a name that a method gives itself, and `randomKey` and `streamKey` name streams. */
const isSentence = (node: ts.Node): node is ts.LiteralLikeNode =>
  (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) &&
  node.text.trim().includes(" ") &&
  !(
    ts.isCallExpression(node.parent) && ["randomKey", "streamKey"].includes(node.parent.expression.getText())
  );

/** The methods that a file makes. */
const ownNames = (file: ts.SourceFile): string[] =>
  [...nodesOf(file)].flatMap((node) =>
    ts.isStringLiteral(node) && (methodNames as readonly string[]).includes(node.text) ? [node.text] : [],
  );
