import { inputError } from "../../util/error.ts";
import { parseConfig, type Config } from "./config.ts";
import { fieldNames, fields, flagOf, type FieldName } from "./fields.ts";
import { isChoice } from "./hyper-flag.ts";
import { followsSize, withRange } from "./suggested-range.ts";
import { hypersFor } from "../registry/networks.ts";
import { factsOf, methodFor } from "../../study/method-for.ts";
import { loadTask } from "../registry/tasks.ts";
import { DEFAULT_METHOD, isMethod, searchNames, type MethodName } from "../../methods/lookup.ts";
import { demandUseful } from "./useful-fields.ts";
import { readWritten, absolute } from "./written-config.ts";

/** The flags that were given, as a config file would hold them. */
export type Flags = Readonly<Partial<Record<FieldName, unknown>>>;

/**
 * A configuration from a file and flags, which win, with paths made absolute, defaults filled in, and the fields that its problem
 * has no use for left out. The method `auto` becomes the one that the problem asks for.
 *
 * @throws {HypertrainError} for anything that is not as it must be.
 */
export async function readConfig(
  file: string | undefined,
  flags: Flags,
  { methods, tell = () => {} }: ReadOptions = {},
): Promise<Config> {
  const written = await readWritten(file);
  const merged: Record<string, unknown> = { ...written, ...absolute(flags, ".") };
  const origin = (field: string) =>
    field in flags ? flagOf(field) : `"${field}" in ${file ?? "the config"}`;
  const read = (fields: Record<string, unknown>): Config => {
    const config = parseConfig(fields, origin);
    return config.problem === undefined ? forData(config) : forProblem(config, fields);
  };
  const readUseful = (fields: Record<string, unknown>, called?: string): Config => {
    const config = read(fields);
    const own = isMethod(written.method) ? written.method : DEFAULT_METHOD; // a flag may name another than the file is for
    if (written.method !== "auto") demandUseful(written, config, [own], (field) => `"${field}" in ${file}`);
    const { store, artifacts, study, workers, ...rest } = flags;
    if (methods) demandUseful({ store, artifacts, study, workers }, config, searchNames, flagOf); // any comparison can lie in a store
    demandUseful(methods ? rest : flags, config, methods ?? [config.method], flagOf, called);
    return config;
  };
  if (merged.method !== "auto") return readUseful(merged);
  const { task } = await loadTask(read({ ...merged, method: "fixed" }));
  const { method, why } = methodFor(factsOf(task));
  const called = `auto, here ${method}`;
  tell(`--method auto is ${method}: ${why}.`);
  return readUseful({ ...merged, method }, called);
}

/** What reading a configuration needs beside it. */
interface ReadOptions {
  /** The methods that the flags are for; default that of the configuration. */
  readonly methods?: readonly MethodName[];
  /** Told which method `auto` is, and why. */
  readonly tell?: (choice: string) => void;
}

function forData(config: Config): Config {
  const given = config.hyper ?? hypersFor(config);
  if (given === undefined) return config; // it takes the data to know the network's
  const hypers = Object.entries(given);
  const hyper = Object.fromEntries(
    hypers.map(([name, entry]) => [
      name,
      isChoice(entry) || followsSize(name) ? entry : withRange(name, entry),
    ]), // size: known with the data
  );
  return { ...config, hyper };
}

/** A user's module brings data and network itself. */
function forProblem(config: Config, given: Readonly<Record<string, unknown>>): Config {
  const useless = ownToProblems.find((field) => given[field] !== undefined);
  if (useless) {
    throw inputError(
      `${flagOf(useless)} must be left out with a problem of your own, which brings its data and network, but got ${JSON.stringify(given[useless])}`,
    );
  }
  const rest = Object.entries(config).filter(
    ([name]) => !(ownToProblems as readonly string[]).includes(name),
  );
  return Object.fromEntries(rest) as Config; // what is left out is not read where there is a problem
}

/** What a problem of one's own brings. */
const ownToProblems = fieldNames.filter(
  (name) => name !== "problem" && ["Data:", "Network:"].includes(fields[name].group),
);
