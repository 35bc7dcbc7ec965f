import ts from "typescript";
import { expect, test } from "vitest";

import { engines } from "../contracts/engines.ts";
import { responses } from "../contracts/responses.ts";
import { samplers } from "../contracts/samplers.ts";
import { schedulers } from "../contracts/schedulers.ts";
import { tuners } from "../contracts/tuners.ts";
import { parse, sourceFiles } from "./tree.ts";

const lists: readonly { folder: string; type: string; listed: Readonly<Record<string, unknown>> }[] = [
  { folder: "tuners/", type: "Tuner", listed: tuners },
  { folder: "response/", type: "Response", listed: responses },
  { folder: "engine/", type: "Engine", listed: engines },
  { folder: "search/", type: "Sampler", listed: samplers },
  { folder: "search/", type: "Scheduler", listed: schedulers },
];

test.each(lists)(
  "every $type that $folder exports is on the list of its contract suite",
  ({ folder, type, listed }) => {
    const made = sourceFiles()
      .filter((path) => path.startsWith(folder))
      .flatMap((path) => parse(path).statements.flatMap((statement) => implementations(statement, type)));
    expect(made.length).toBeGreaterThan(0);
    expect(made.sort()).toEqual(Object.keys(listed).sort());
  },
);

/** The exported values of a type, and the functions that make one from settings alone. */
function implementations(statement: ts.Statement, type: string): string[] {
  const exported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (!exported) return [];
  if (ts.isFunctionDeclaration(statement)) return makes(statement, type) ? [statement.name?.text ?? ""] : [];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations
    .filter(({ type: declared, initializer }) =>
      initializer && ts.isArrowFunction(initializer) ? makes(initializer, type) : isOf(declared, type),
    )
    .map(({ name }) => name.getText());
}

/** `selfTuning(method, options)` and `inBrackets(name, brackets)` make nothing by themselves: their first arguments say what. */
const makes = ({ type: returned, parameters }: ts.SignatureDeclaration, type: string): boolean =>
  isOf(returned, type) && !/Method$|^string$/.test(parameters[0]?.type?.getText() ?? "");

const isOf = (node: ts.TypeNode | undefined, type: string): boolean =>
  new RegExp(`^(?:Promise<)?${type}>?$`).test(node?.getText() ?? "");
