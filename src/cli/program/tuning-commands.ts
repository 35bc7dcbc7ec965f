/** The commands that begin runs, or say what one would begin with. */
import { Argument, Command } from "commander";

import { ownToTune } from "../compare/own-to-tune.ts";
import type { Field } from "../config/fields/field.ts";
import { type FieldName, fieldNames, fields } from "../config/fields.ts";
import { help } from "./help.ts";
import { debugOption, named, optionsOf, readOption, withFields } from "./options.ts";

/** `hypertrain tune`. */
export function tuneCommand(exit: (code: number) => void): Command {
  const command = named(new Command("tune"))
    .summary("tune a model in one training run")
    .description(
      "Trains a network once and finds its dropout rates and weight decays on the way.\n" +
        "Leaves a run folder with the trained model, the schedule of every hyperparameter and a report.",
    )
    .addArgument(
      new Argument(
        "[file]",
        "CONFIG.json with any of the options below, or PROBLEM.ts with a problem of your own",
      ),
    )
    .addHelpText("after", help.tune)
    .action(async (file: string | undefined, flags: Partial<Record<FieldName, unknown>>) => {
      const { tune } = await import("../commands/tune.ts");
      const given = Object.entries(flags).filter(([name]) => name in fields);
      exit(await tune(file, Object.fromEntries(given)));
    });
  return withFields(command, fieldNames).addOption(debugOption());
}

/** `hypertrain inspect`. */
export function inspectCommand(exit: (code: number) => void): Command {
  const command = named(new Command("inspect"))
    .summary("say what data hold and what becomes of them")
    .description(
      "Says what a table, a folder of images or a text holds, what would become of it, and how it would be trained on, without training.",
    )
    .argument(
      "[data]",
      "a file with a table, a folder with one of images for each class, or a data set by name; or --data, as for tune",
    )
    .addHelpText("after", help.inspect)
    .action(async (file: string | undefined, flags: Partial<Record<FieldName, unknown>>) => {
      const { inspect } = await import("../commands/inspect.ts");
      exit(await inspect(file, Object.fromEntries(Object.entries(flags).filter(([name]) => name in fields))));
    });
  for (const name of inspectFields) for (const option of optionsOf(name)) command.addOption(option);
  return command.option("--json", fields.json.about).addOption(debugOption());
}

/** The fields that `inspect` takes, of which the first may stand for its argument. */
const inspectFields: readonly FieldName[] = [
  ...([
    "data",
    "target",
    "task",
    "header",
    "separator",
    "missing",
    "ignore",
    "keep",
    "types",
    "dates",
    "valid",
    "test",
    "folds",
  ] as const),
  ...(["splitBy", "group", "timeColumn", "stratify", "targetTransform", "seed"] as const),
  ...(["imageSize", "augment", "dataDir", "download", "bptt", "tokens", "vocabulary"] as const),
  ...(["model", "hidden", "width", "norm", "method", "hyper", "batchSize", "epochs"] as const),
];

/** `hypertrain compare`. */
export function compareCommand(exit: (code: number) => void): Command {
  const command = named(new Command("compare"))
    .summary("compare methods on one problem at equal time")
    .description(
      "Lets methods work on one problem, each for the same time and from several seeds, and shows the best validation loss against time.\n" +
        "Searches pay for every training that they make.",
    )
    .addArgument(new Argument("[file]", "CONFIG.json or PROBLEM.ts, as for tune"))
    .option(
      "--methods <NAME,NAME,...>",
      "methods of tune, which --method lists " + "(default: random,gp,hyperband,stn,delta-stn)",
    )
    .option("--seeds <N>", "seeds for each method, from --seed on (default: 3)")
    .option("--budget-steps <N>", "minibatch gradients after which a method ends (default: no limit)")
    .option(
      "--parallel <N>",
      "methods that work at once, each in a thread of its own; they share the cores (default: 1)",
    )
    .option(
      "--reach <X,X,...>",
      "tell the time to these validation losses (default: the middle of the methods' results)",
    )
    .addOption(
      readOption("out", "the folder to make, or to go on in (default: comparisons/DATA)").helpGroup("Run:"),
    )
    .addHelpText("after", help.compare)
    .action(async (file: string | undefined, flags: Record<string, unknown>) => {
      const { compare } = await import("../commands/compare.ts");
      const given = Object.entries(flags).filter(([name]) => name in fields);
      exit(await compare(file, flags, Object.fromEntries(given)));
    });
  return withFields(
    command,
    fieldNames.filter((field) => field !== "out" && !ownToTune.includes(field)),
    (name) => (fields[name] as Field).notCompared !== undefined, // taken, to say why they are refused
  ).addOption(debugOption());
}
