/** What the tidy tests read: the files that are, or are about to be, committed, and the sources among them. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every file of the project that git does not ignore, relative to its root. */
export function projectFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  return [...new Set(list.toString().split("\0"))]
    .filter((path) => path !== "" && existsSync(root + path))
    .sort();
}

/** Every module that the package ships, relative to `src/`. Tests are no part of the layers. */
export function sourceFiles(): string[] {
  return projectFiles()
    .filter((path) => path.startsWith("src/") && path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => path.slice("src/".length));
}

export function readText(path: string): string {
  return readFileSync(root + path, "utf8");
}

export function parse(sourcePath: string): ts.SourceFile {
  return ts.createSourceFile(sourcePath, readText(`src/${sourcePath}`), ts.ScriptTarget.Latest, true);
}

/** `path:line` of a node, as editors open it. */
export function place(node: ts.Node): string {
  const file = node.getSourceFile();
  return `src/${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** The node and all below it. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}
