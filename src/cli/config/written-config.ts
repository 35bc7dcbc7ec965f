/*
 * What a config file says, before anything of it is understood but its paths.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";

import { tableExtensions } from "../../data/table-file.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { parseJson } from "../../util/json.ts";
import { nearest } from "../../util/nearest.ts";
import { dataSetNames, dataSetOfName } from "../data-sets/data-set-names.ts";
import { fields, type FieldName } from "./fields.ts";
import type { Field } from "./fields/field.ts";
import { onDisk } from "../../artifacts/disk.ts";
import { demandOwnConfig } from "../run/origin.ts";
import { demandPath, pathKindOf } from "./path-rule.ts";

/**
 * The fields that a file gives: those of a configuration, or the module of a problem.
 *
 * @throws {HypertrainError} where the file is neither.
 */
export async function readWritten(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const extension = extname(file).toLowerCase();
  if (modules.includes(extension)) return absolute({ problem: file }, ".");
  if (extension !== ".json") {
    const hint = nearest(file, dataSetNames) || (tableExtensions as readonly string[]).includes(extension);
    throw inputError(
      `the argument of tune must be a config file (.json) or a module with a problem (${modules.join(", ")}), but got "${oneLine(file)}"${hint ? `; for data use --data ${file}` : ""}`,
    );
  }
  const text = await onDisk(file, () => readFile(file, "utf8"));
  const parsed = parseJson(text, file);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw inputError(
      `${file} must hold a JSON object, but holds ${oneLine(JSON.stringify(parsed), 40)}; write its fields between braces`,
    );
  }
  const { $schema: _schema, crc32, ...written } = parsed as Record<string, unknown>;
  if (crc32 !== undefined) await demandOwnConfig(file); // a run folder's own has a checksum
  for (const [name, value] of Object.entries(written))
    demandPath(`"${name}" in ${file}`, wordOf(name), value);
  return absolute(written, dirname(file));
}

const modules = [".ts", ".mts", ".js", ".mjs"];

/** Paths as seen from a folder; those in a config file are relative to it. */
export function absolute(given: Readonly<Record<string, unknown>>, base: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value !== "string" || pathKindOf(wordOf(name)) === undefined) return [name, value];
      const scheme = name === "artifacts" ? "file:" : "";
      const path = value.slice(scheme.length);
      const isPath = namesPath[name as FieldName]?.(value, base) ?? true;
      return [name, isPath && path !== "" ? `${scheme}${resolve(base, fromHome(path))}` : value];
    }),
  );
}

/** Whether the value of a field is a path, of those that may be something else, or stay as they are. */
const namesPath: Readonly<Partial<Record<FieldName, (value: string, base: string) => boolean>>> = {
  store: (value) => !value.includes("://") && value !== ":memory:",
  artifacts: (value) => /^file:(?!\/\/)/.test(value),
  data: (value, base) => /[./\\]/.test(value) || (!dataSetOfName(value) && existsSync(resolve(base, value))),
  model: (value) => /\.(json|[cm]?[jt]s)$/.test(value),
  out: (value) => value.startsWith("~"), // a place for what is made, seen from where it is made
};

/** Shells do not expand a `~` behind `=`. */
const fromHome = (path: string): string =>
  path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;

/** What help calls the value of a field; empty of a switch, and of what is no field. */
function wordOf(name: string): string {
  const { argument = "" }: Partial<Field> = Object.hasOwn(fields, name) ? fields[name as FieldName] : {};
  return argument;
}
