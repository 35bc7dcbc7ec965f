import ts from "typescript";
import { expect, test } from "vitest";

import { parse, place, readText, sourceFiles } from "./tree.ts";

const sources = sourceFiles().map(parse);

test("every exported declaration has a doc comment of at least one sentence", () => {
  const offenders = sources.flatMap((file) => {
    const exported = exportedDeclarations(file);
    // One comment serves all overloads, and a type and a value of the same name.
    const documented = new Set(exported.filter(({ node }) => hasSentence(node)).map(({ name }) => name));
    const lacking = exported.filter(({ name }) => !documented.has(name));
    return [...new Map(lacking.map(({ name, node }) => [name, `${place(node)} ${name}`])).values()];
  });
  expect(offenders).toEqual([]);
});

test("modules name what they export: no `export *`, no default export", () => {
  const offenders = sources.flatMap((file) => file.statements.filter(isUnnamedExport).map(place));
  expect(offenders).toEqual([]);
});

test("no two modules export a type of the same name", () => {
  const places = new Map<string, string[]>();
  for (const { name, node } of sources.flatMap(exportedDeclarations).filter(({ node }) => isType(node))) {
    places.set(name, [...(places.get(name) ?? []), place(node)]);
  }
  const offenders = [...places].filter(([, found]) => found.length > 1);
  expect(offenders.map(([name, found]) => `${name}: ${found.join(", ")}`)).toEqual([]);
});

const isType = (node: ts.Node): boolean =>
  ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);

function exportedDeclarations(file: ts.SourceFile): { name: string; node: ts.Node }[] {
  const declared = file.statements.flatMap(declarationsOf);
  const listed = new Set(file.statements.flatMap(localExports));
  return declared.filter(({ name, node }) => listed.has(name) || isMarkedExport(node));
}

function declarationsOf(node: ts.Statement): { name: string; node: ts.Node }[] {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => ({ name: name.getText(), node }));
  }
  const named =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node);
  return named && node.name ? [{ name: node.name.text, node }] : [];
}

/** Names in `export { a, b as c }` without `from`: what another module declares is documented there. */
function localExports(node: ts.Statement): string[] {
  if (!ts.isExportDeclaration(node) || node.moduleSpecifier || !node.exportClause) return [];
  return ts.isNamedExports(node.exportClause)
    ? node.exportClause.elements.map(({ propertyName, name }) => (propertyName ?? name).text)
    : [];
}

function isMarkedExport(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && has(node, ts.SyntaxKind.ExportKeyword);
}

function isUnnamedExport(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportDeclaration(node)) {
    const { exportClause } = node;
    if (!exportClause || ts.isNamespaceExport(exportClause)) return true;
    return exportClause.elements.some(({ name }) => name.text === "default");
  }
  return ts.canHaveModifiers(node) && has(node, ts.SyntaxKind.DefaultKeyword);
}

function has(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}

function hasSentence(node: ts.Node): boolean {
  return ts
    .getJSDocCommentsAndTags(node)
    .some((doc) => /\w.*[.!?:](\s|$)/s.test(ts.getTextOfJSDocComment(doc.comment) ?? ""));
}

test("the library's pages cover every entry point of the package", () => {
  const json = (file: string) => JSON.parse(readText(file)) as Record<string, unknown>;
  const entries = Object.values(json("package.json").exports as Record<string, { default?: string }>)
    .flatMap((entry) => entry.default ?? [])
    .map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts"));
  expect(json("typedoc.json").entryPoints).toEqual(entries);
});
