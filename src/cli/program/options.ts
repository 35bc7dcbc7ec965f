/** What the commands' options are made of: the fields of a configuration, and what commands have in common. */
import { styleText } from "node:util";

import { Option, type Command } from "commander";

import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Field } from "../config/fields/field.ts";
import { type FieldName, fields, flagOf } from "../config/fields.ts";
import { methodNames, methodOf } from "../../methods/lookup.ts";
import { aboutOption, type Method } from "../../methods/method.ts";
import { oneOf } from "../config/plain-flags.ts";
import { isUseful } from "../config/useful-fields.ts";

/** Options of fields: those that most people need in `--help`, the others in `--help-all`, those of a method in `--help METHOD`. */
export function withFields(
  command: Command,
  names: readonly FieldName[],
  refused: (name: FieldName) => boolean = () => false,
): Command {
  const options = names.flatMap((name) =>
    optionsOf(name).map((option) => ({ name, option, never: option.hidden || refused(name) })),
  );
  const choose = (shows: (name: FieldName) => boolean) => {
    for (const { name, option, never } of options) option.hidden = never || !shows(name);
  };
  const help = (shows: (name: FieldName) => boolean, about: (name: FieldName) => string) => {
    choose(shows);
    for (const { name, option } of options) if (!option.negate) option.description = about(name);
    command.help();
  };
  for (const { option } of options) command.addOption(option);
  choose((name) => (fields[name] as Field).basic === true);
  return command
    .helpOption(false)
    .addOption(new Option("-h, --help [METHOD]", "show the options that most need, or all of a method"))
    .addOption(new Option("--help-all", "show all options"))
    .on("option:help", (method?: string | null) => {
      if (typeof method !== "string") command.help();
      if (method === "auto" && command.name() === "tune") {
        command.description(aboutAuto);
        choose(
          (name) =>
            fields[name].group === "Tuning:" &&
            name !== "method" &&
            methodNames.every((one) => isUseful(name, [one])),
        );
        command.help();
      }
      const {
        name: named,
        options: own,
        ...described
      } = methodOf(oneOf("--help", methodNames, method as string));
      command.description(`${named}: ${inWords(described)}`);
      help(
        (name) => isUseful(name, [named]) && fields[name].group !== "Data:",
        (name) => (own[name] ? aboutOption(own[name]) : fields[name].about),
      );
    })
    .on("option:help-all", () =>
      help(
        () => true,
        (name) => fields[name].about,
      ),
    );
}

/** The rule of `study/method-for.ts`, in words. */
const aboutAuto = `auto: looks at the problem, says which method it takes and why, and goes on as if that had been named.
fixed where there is no hyperparameter to tune;
gp where some are choices or whole numbers, tpe where these are more than a Gaussian process can take;
hyperband where the learning rate or the momentum is tuned;
delta-stn otherwise.
\`hypertrain tune --help METHOD\` shows the options of each; docs/how-to-choose.md says what speaks for this rule.`;

/** What a method does, when to use it, and where it was published. */
const inWords = ({
  summary,
  useWhen,
  avoidWhen,
  papers,
}: Pick<Method, "summary" | "useWhen" | "avoidWhen" | "papers">): string =>
  [
    `${summary}.`,
    `Use it when ${useWhen}.`,
    ...(avoidWhen === undefined ? [] : [`Do not use it when ${avoidWhen}.`]),
    ...papers.map(({ label, url }) => `${label}, ${url}`),
  ]
    .join("\n")
    .replaceAll("`", "");

/** The port of a server. */
export const portOption = (standard: string): Option =>
  new Option("--port <N>", `the port to listen at; 0 for any (default: ${standard})`).argParser(
    (text: string) => {
      const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
      if (port <= 65535) return port;
      throw inputError(
        `--port must be a whole number from 0 to 65535, but got "${oneLine(text)}"; choose one`,
      );
    },
  );

/** Reads a number behind a flag. */
export const numberOf =
  (flag: string) =>
  (text: string): number => {
    const value = decimalOf(text);
    if (!Number.isNaN(value)) return value;
    throw inputError(`${flag.split(" ")[0]} must be a number, but got "${oneLine(text)}"`);
  };

/** Errors are thrown to {@link main}, which says them in one sentence. */
export const named = (command: Command): Command =>
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => {} })
    .configureHelp({
      helpWidth: Math.min(process.stdout.columns ?? 100, 110),
      styleTitle: (title) => styleText("bold", title, { validateStream: false }), // Commander asks the stream
      styleOptionTerm: (term) => styleText("cyan", term, { validateStream: false }),
      styleSubcommandTerm: (term) => styleText("cyan", term, { validateStream: false }),
    });

/** The option of a field; a switch also has its opposite, which help shows only for what is on by default. */
export function optionsOf(name: FieldName): Option[] {
  const { about: whole, brief: about = whole, group, argument }: Field = fields[name];
  if (argument !== undefined) return [readOption(name, about).helpGroup(group)];
  const on = new Option(flagOf(name), about).helpGroup(group);
  const off = new Option(`--no-${flagOf(name).slice(2)}`, opposites[name] ?? "").helpGroup(group);
  return [name === "baseline" ? on.hideHelp() : on, name in opposites ? off : off.hideHelp()];
}

const opposites: Readonly<Partial<Record<FieldName, string>>> = {
  baseline: "do not train once more with the starting hyperparameters held, to compare",
  header: "the CSV file starts with data",
  stratify: "draw all parts at random",
};

/** The option of a field that takes a value, in the words of a command. */
export function readOption(name: FieldName, about: string): Option {
  const { argument, read, repeatable }: Field = fields[name];
  const flag = flagOf(name);
  return new Option(`${flag} <${argument}>`, about).argParser((text: string, before: unknown) => {
    const value = read?.(text, flag);
    if (!repeatable) return value;
    const twice = Object.keys(value as object).find((key) => Object.hasOwn(Object(before), key));
    if (twice === undefined) return { ...(before as object | undefined), ...(value as object) };
    throw inputError(`${flag} must give each name once, but got "${oneLine(twice)}" twice; leave one out`);
  });
}

/** The switch for the stack of an error. */
export const debugOption = (): Option =>
  new Option("--debug", "show the stack of an error").helpGroup("Run:").hideHelp();
