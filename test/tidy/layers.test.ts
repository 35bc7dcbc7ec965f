import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";

import ts from "typescript";
import { expect, test } from "vitest";

import { nodesOf, parse, place, readText, sourceFiles } from "./tree.ts";

/** Folders of `src/`, lowest first, from the table that people read. */
const layers = readLayers();
const sources = sourceFiles().map(parse);

/** Arrays, the messages of ONNX, and what runs them. */
const enginePackages = ["@jax-js/jax", "@bufbuild/protobuf", "onnx-buf", "onnxruntime-node"];

test("ARCHITECTURE.md ranks the layers and every folder of src/ is one of them", () => {
  expect(existsSync(new URL("../../ARCHITECTURE.md", import.meta.url)), "ARCHITECTURE.md must exist").toBe(
    true,
  );
  expect(layers, "ARCHITECTURE.md must hold a table of folders under the heading `## Layers`").not.toEqual(
    [],
  );
  expect(layers).toEqual([...new Set(layers)]);
  const unranked = sources
    .map((file) => layerOf(file.fileName))
    .filter((layer) => !layers.includes(layer) && layer !== "");
  expect([...new Set(unranked)], "folders of src/ that the table of layers lacks").toEqual([]);
});

test("modules import only their own layer and lower ones", () => {
  const offenders = sources.flatMap((file) =>
    importsOf(file)
      .filter(({ name }) => name.startsWith("."))
      .map(({ name, node }) => ({ node, target: posix.join(posix.dirname(file.fileName), name) }))
      .filter(({ target }) => !mayImport(layerOf(file.fileName), layerOf(target)))
      .map(({ node, target }) => `${place(node)} imports ${target}`),
  );
  expect(offenders).toEqual([]);
});

test("no module depends on itself by way of others", () => {
  const importedBy = new Map(
    sources.map((file) => [
      file.fileName,
      importsOf(file)
        .filter(({ name }) => name.startsWith("."))
        .map(({ name }) => posix.join(posix.dirname(file.fileName), name)),
    ]),
  );
  const reached = (from: string): ReadonlySet<string> => {
    const found = new Set(importedBy.get(from));
    for (const module of found) for (const next of importedBy.get(module) ?? []) found.add(next); // sees what it adds
    return found;
  };
  expect([...importedBy.keys()].filter((module) => reached(module).has(module))).toEqual([]);
});

test("imports of our own modules name the file", () => {
  const offenders = sources.flatMap((file) =>
    importsOf(file)
      .filter(({ name }) => (name.startsWith(".") ? !name.endsWith(".ts") : name.startsWith("hypertrain")))
      .map(({ name, node }) => `${place(node)} imports "${name}"`),
  );
  expect(offenders).toEqual([]);
});

test("the engine knows nothing of learning", () => {
  const engine = layers.indexOf("engine");
  for (const layer of ["nn", "data", "space", "problem", "response", "hypergrad", "tuners"]) {
    expect(layers.indexOf(layer), `\`${layer}\` must come after \`engine\``).toBeGreaterThan(engine);
  }
  expect(packagesOf("engine/").filter((name) => !enginePackages.includes(name))).toEqual([]);
});

test("only the worker of the engine onnx knows onnxruntime", () => {
  const knowing = sources.filter(({ fileName }) => packagesOf(fileName).includes("onnxruntime-node"));
  expect(knowing.map(({ fileName }) => fileName)).toEqual(["engine/onnx/worker.ts"]);
});

test("the engine onnx imports what a package of its own could", () => {
  const offenders = sources
    .filter(({ fileName }) => fileName.startsWith("engine/onnx/"))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ name }) => name.startsWith("."))
        .map(({ name, node }) => ({ node, target: posix.join(posix.dirname(file.fileName), name) }))
        .filter(({ target }) => !/^(engine\/onnx\/|util\/|engine\/(engine|trace-stack)\.ts)/.test(target))
        .map(({ node, target }) => `${place(node)} imports ${target}`),
    );
  expect(offenders).toEqual([]);
});

test("search knows hyperparameters, not problems, responses or tuners", () => {
  const offenders = sources
    .filter(({ fileName }) => fileName.startsWith("search/"))
    .flatMap((file) =>
      importsOf(file)
        .map(({ name, node }) => ({ node, target: posix.join(posix.dirname(file.fileName), name) }))
        .filter(({ target }) => !/^(search|util|space)\//.test(target))
        .map(({ node, target }) => `${place(node)} imports ${target}`),
    );
  expect(offenders).toEqual([]);
});

test("methods load nothing of what trains until one is made", () => {
  const factories = /^methods\/(standard|standard-tuners|tuner-options|named-parts)\.ts$/; // of the library, which make at once
  const offenders = sources
    .filter(({ fileName }) => fileName.startsWith("methods/") && !factories.test(fileName))
    .flatMap((file) =>
      file.statements
        .filter(ts.isImportDeclaration)
        .filter(({ importClause }) => !importClause?.isTypeOnly)
        .map((node) => ({
          node,
          target: posix.join("methods", (node.moduleSpecifier as ts.StringLiteral).text),
        }))
        .filter(({ target }) => !/^(util|space|methods)\//.test(target) || factories.test(target))
        .map(({ node, target }) => `${place(node)} imports ${target}`),
    );
  expect(offenders).toEqual([]);
});

test("Node modules appear only in cli/, artifacts/, storage/, data/node/ and the threads and cores of engine/onnx/", () => {
  const offenders = sources
    .filter(
      ({ fileName }) =>
        !/^((cli|artifacts|storage|data\/node)\/|engine\/onnx\/(thread|worker|cores(\.test)?)\.ts)/.test(
          fileName,
        ),
    )
    .flatMap((file) =>
      importsOf(file)
        .filter(({ name }) => name.startsWith("node:") || builtinModules.includes(name))
        .map(({ name, node }) => `${place(node)} imports ${name}`),
    );
  expect(offenders).toEqual([]);
});

/** What below `cli/` is drawn at random, so that processes which know nothing of each other do not collide; nothing that is trained depends on it. */
const drawn = [
  "artifacts/lock.ts imports randomUUID", // the token of a lock
  "storage/artifact-store.ts imports randomBytes", // where an artifact is kept
  "storage/turns.ts imports randomInt", // how long a transaction waits for its next try
];

test("clocks and global randomness appear only in cli/, but for names and pauses that must not collide", () => {
  const below = sources.filter(({ fileName }) => !fileName.startsWith("cli/"));
  const offenders = below.flatMap((file) =>
    [...nodesOf(file)].filter(isAmbient).map((node) => `${place(node)} uses ${node.getText()}`),
  );
  expect(offenders).toEqual([]);
  const imported = below.flatMap((file) =>
    ambientImports(file).map((name) => `${file.fileName} imports ${name}`),
  );
  expect(imported.sort()).toEqual(drawn);
});

test("packages that are imported are dependencies, not only development ones", () => {
  const { dependencies, optionalDependencies } = JSON.parse(readText("package.json")) as Record<
    "dependencies" | "optionalDependencies",
    Record<string, string>
  >;
  const installed = { ...dependencies, ...optionalDependencies };
  expect(packagesOf("").filter((name) => !(name in installed))).toEqual([]);
});

function readLayers(): string[] {
  if (!existsSync(new URL("../../ARCHITECTURE.md", import.meta.url))) return [];
  const [, section = ""] = readText("ARCHITECTURE.md").split(/^## Layers$/m);
  const rows = (section.split(/^## /m)[0] as string).matchAll(/^\|\s*`([\w/-]+)`\s*\|/gm);
  return [...rows].map(([, folder]) => (folder as string).replace(/^src\/|\/$/g, ""));
}

/** The folder just below `src/`; the entry points in `src/` itself have none. */
const layerOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] as string) : "");

/** Entry points in `src/` itself stand above all that they give to users; `testing` stands beside `cli`, above the rest. */
function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (to === "" || to === "cli" || to === "testing") return false;
  return from === "" || from === "testing" || layers.indexOf(to) <= layers.indexOf(from);
}

/** Static, dynamic and type-only imports, and re-exports. */
function importsOf(file: ts.SourceFile): { name: string; node: ts.Node }[] {
  return [...nodesOf(file)].flatMap((node) => {
    const specifier = specifierOf(node);
    return specifier && ts.isStringLiteralLike(specifier) ? [{ name: specifier.text, node }] : [];
  });
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0];
  return undefined;
}

function packagesOf(folder: string): string[] {
  const names = sources
    .filter(({ fileName }) => fileName.startsWith(folder))
    .flatMap(importsOf)
    .filter(({ name }) => !name.startsWith(".") && !name.startsWith("node:"))
    .map(({ name }) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] as string);
  return [...new Set(names)].sort();
}

const ambientCalls = [
  "Date.now",
  "performance.now",
  "Math.random",
  "crypto.getRandomValues",
  "crypto.randomUUID",
];

/** What a module imports to read a clock or draw at random: names of `node:crypto`, and modules by which every name can be reached. */
const ambientImports = (file: ts.SourceFile): string[] =>
  file.statements.filter(ts.isImportDeclaration).flatMap(({ moduleSpecifier, importClause }) => {
    const from = (moduleSpecifier as ts.StringLiteral).text.replace(/^node:/, "");
    if (from === "perf_hooks") return [from];
    if (from !== "crypto") return [];
    const { namedBindings } = importClause ?? {};
    if (importClause?.name || !namedBindings || !ts.isNamedImports(namedBindings)) return [from];
    return namedBindings.elements
      .map(({ name, propertyName }) => (propertyName ?? name).text)
      .filter((name) => /random|webcrypto/i.test(name));
  });

function isAmbient(node: ts.Node): boolean {
  if (ts.isNewExpression(node) && node.arguments?.length) return false; // a moment that is given is no clock
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) return node.expression.getText() === "Date";
  if (!ts.isPropertyAccessExpression(node)) return false;
  return ambientCalls.includes(node.getText().replace(/^globalThis\./, ""));
}
