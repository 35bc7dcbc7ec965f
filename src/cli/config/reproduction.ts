import type { Refit } from "../../api/result.ts";
import { shellWord } from "../../util/shell-word.ts";
import { USUAL_BATCH_SIZE } from "./batch-size.ts";
import { configSchema, type Config } from "./config.ts";
import { isTable } from "./default-network.ts";
import { flagValue } from "../terminal/in-flags.ts";
import { fieldNames, fields, flagOf, type FieldName } from "./fields.ts";
import type { Field } from "./fields/field.ts";
import { imageNetworkNames } from "../networks/network-names.ts";
import { type MethodName } from "../../methods/lookup.ts";
import { onlyUseful } from "./useful-fields.ts";
import { formatHyperFlag, type HyperEntry } from "./hyper-flag.ts";

/**
 * The command that repeats a run: every field that differs from its default and that a method has a use for, as a flag. A table's
 * network is always named, since its default depends on the other flags, and of a network of images so is the size of a minibatch, whose default depends on the data.
 *
 * @param methods default that of the configuration
 */
export function reproduction(config: Config, methods: readonly MethodName[] = [config.method]): string {
  const defaults: Readonly<Partial<Record<FieldName, unknown>>> = {
    ...configSchema.parse({}),
    model: isTable(config.data) ? undefined : "mlp",
    batchSize: imageNetworkNames.includes(config.model) ? undefined : USUAL_BATCH_SIZE,
  };
  const { problem, ...rest } = onlyUseful(config, methods);
  const flags = fieldNames
    .filter((name) => !unimportant.includes(name) && name in rest)
    .filter((name) => JSON.stringify(config[name]) !== JSON.stringify(defaults[name]))
    .flatMap((name) => flagsOf(name, config[name]));
  return ["hypertrain tune", ...(problem === undefined ? [] : [shellWord(problem)]), ...flags].join(" ");
}

/** The command that repeats a refit. */
export const refitCommand = ({ from, hold }: Pick<Refit, "from" | "hold">): string =>
  `hypertrain refit ${shellWord(from)}${hold ? " --hold" : ""}`;

/** What changes nothing in the numbers. */
const unimportant: readonly FieldName[] = [
  "out",
  "tensorboard",
  "mlflow",
  "watch",
  "json",
  "quiet",
  "download",
  "problem",
];

function flagsOf(name: FieldName, value: unknown): string[] {
  const flag = flagOf(name);
  const { argument }: Field = fields[name];
  if (value === undefined) return [];
  if (argument === undefined) return [value === true ? flag : `--no-${flag.slice(2)}`];
  if (name !== "hyper") return [`${flag} ${shellWord(flagValue(value))}`];
  return Object.entries(value as Record<string, HyperEntry>).map(
    ([hyper, entry]) => `${flag} ${shellWord(formatHyperFlag(hyper, entry))}`,
  );
}
