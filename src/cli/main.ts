/**
 * The command line. Commands are loaded when they run, so that `--help` is quick: nothing here imports arrays, schemas or plots.
 */
import { readFileSync } from "node:fs";

import { Command, CommanderError, Option } from "commander";

import { HypertrainError, inputError, workError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { neutralised, oneLine } from "../util/text.ts";
import { advised } from "../methods/advice.ts";
import { isMethod, methodNames } from "../methods/lookup.ts";
import { consoleOnStderr } from "./terminal/console.ts";
import { help } from "./program/help.ts";
import { inFlags } from "./terminal/in-flags.ts";
import { endAtOnce, INTERRUPTED } from "./terminal/interrupt.ts";
import { watchOutput } from "./terminal/output.ts";
import { paint } from "./terminal/paint.ts";
import {
  benchCommand,
  completionCommand,
  doctorCommand,
  reproduceCommand,
} from "./program/machine-commands.ts";
import { named } from "./program/options.ts";
import { demandPaths } from "./program/path-options.ts";
import {
  finishCommand,
  listCommand,
  predictCommand,
  refitCommand,
  responseCommand,
  resumeCommand,
  showCommand,
} from "./program/run-commands.ts";
import { dashboardCommand, serveCommand, studyCommand, workCommand } from "./program/study-commands.ts";
import { compareCommand, inspectCommand, tuneCommand } from "./program/tuning-commands.ts";
import { cutShort, settled, type EarlyEnd } from "./modules/settled.ts";
import { strayError } from "./modules/stray-error.ts";

export { endAtOnce };

/**
 * Runs a command.
 *
 * @param argv the arguments behind the program's name
 * @returns the exit code: 0 success, 1 failure of the work, 2 wrong usage or bad input, 130 interrupted
 */
export async function main(argv: readonly string[]): Promise<number> {
  Error.stackTraceLimit = 50; // so that the line of a module's own code is there, below jax-js's
  const output = watchOutput();
  let code = 0;
  const program = createProgram((exit) => (code = exit));
  using _console = consoleOnStderr();
  using _reporter = reportEnds((error) => report(error, program, argv));
  try {
    if (argv.length === 0) program.help({ error: true });
    await settled(() => program.parseAsync(asHelpCommand(argv, program), { from: "user" }), unfinished);
    const failure = await output.failure();
    if (failure) {
      throw workError(
        `the result must go to standard output, but that failed: ${oneLine(failure.message)}; what a run found is in its folder`,
        {
          cause: failure,
        },
      );
    }
    return code;
  } catch (error) {
    return report(error, program, argv);
  }
}

const unfinished = (how: EarlyEnd) =>
  how === "exits"
    ? inputError(
        "the command must end with a result, but code of a module that it was given ended the process; take out what calls process.exit",
      )
    : workError(
        "the command must end with a result, but it awaits what never comes, such as a promise of a module that nothing resolves; look at what the modules that it was given await",
      );

/**
 * Until it is disposed, an end of the process by `process.exit`, which a module may call, and what something throws that nobody awaits, end the command with the
 * code that `told` gives such an error.
 */
function reportEnds(told: (error: unknown) => number): Disposable {
  let ending = false;
  const end = (error: unknown) => {
    ending = true;
    endAtOnce(told(error));
  };
  const hear = (code: number) => {
    const error = ending || code === INTERRUPTED ? undefined : cutShort();
    if (error) end(error);
  };
  const hearStray = (cause: unknown) => end(strayError(cause));
  process.on("exit", hear).on("uncaughtException", hearStray).on("unhandledRejection", hearStray);
  return {
    [Symbol.dispose]: () =>
      void process.off("exit", hear).off("uncaughtException", hearStray).off("unhandledRejection", hearStray),
  };
}

/**
 * `--help NAME`, `NAME --help` where there is no such command, and `tune METHOD --help`, which Commander would take for `--help` alone, as the
 * command that they mean.
 */
function asHelpCommand(argv: readonly string[], program: Command): readonly string[] {
  const [first = "", second = "", third = "", ...others] = argv;
  if (isHelp(first) && argv.length > 1) return ["help", ...argv.slice(1)];
  const ofMethod = first === "tune" && isTunedBy(second) && isHelp(third) && others.length === 0;
  if (ofMethod) return ["help", second];
  const path = commandsNamed(program, argv);
  const { commands } = path.at(-1) ?? program;
  const [name = "-", ...behind] = argv.slice(path.length);
  const named = commands.length > 0 && !name.startsWith("-") && name !== "help";
  return named && behind.some(isHelp) ? ["help", ...argv.slice(0, path.length), name] : argv;
}

const isHelp = (argument: string): boolean => ["-h", "--help"].includes(argument);

const isTunedBy = (name: string): boolean => isMethod(name) || name === "auto";

function createProgram(exit: (code: number) => void): Command {
  const program = named(new Command("hypertrain"))
    .description("Tunes the hyperparameters of a neural network inside one training run.")
    .version(versionOfPackage(), "-V, --version", "print the version")
    .addHelpText("after", help.program)
    .enablePositionalOptions() // --help-all behind a command is that command's
    .hook("preAction", (_, command) => demandPaths(command));
  const tune = tuneCommand(exit);
  program
    .addOption(new Option("--help-all", "show all options of tune"))
    .on("option:help-all", () => void tune.parse(["--help-all"], { from: "user" }))
    .addCommand(tune)
    .addCommand(inspectCommand(exit))
    .addCommand(compareCommand(exit))
    .addCommand(resumeCommand(exit))
    .addCommand(workCommand(exit))
    .addCommand(studyCommand(exit))
    .addCommand(dashboardCommand(exit))
    .addCommand(serveCommand(exit))
    .addCommand(listCommand(exit))
    .addCommand(showCommand(exit))
    .addCommand(predictCommand(exit))
    .addCommand(refitCommand(exit))
    .addCommand(finishCommand(exit))
    .addCommand(responseCommand(exit));
  program.addCommand(doctorCommand(exit)).addCommand(benchCommand(exit));
  program.addCommand(reproduceCommand(exit)).addCommand(completionCommand(exit));
  program.helpCommand(false).addCommand(helpCommand(program));
  return program;
}

/** Commander's own shows the whole help for a name that is none. */
function helpCommand(program: Command): Command {
  return named(new Command("help"))
    .summary("show the help of a command or of a method of tune")
    .argument("[name...]", "its name")
    .action((names: readonly string[]) => {
      const methods = names[0] === "tune" ? names.slice(1) : names;
      const [only = "", another] = methods;
      if (isTunedBy(only) && another !== undefined) {
        throw inputError(
          `help must be asked for one method at a time, but got "${oneLine(methods.join(" "))}"; ask \`hypertrain help ${only}\``,
        );
      }
      if (isTunedBy(only)) {
        program.commands
          .find((command) => command.name() === "tune")
          ?.parse(["--help", only], { from: "user" });
      }
      const found = commandsNamed(program, names);
      const parent = found.at(-1) ?? program;
      const odd = names[found.length];
      if (odd !== undefined) {
        const known = [
          ...parent.commands.map((command) => command.name()),
          ...(parent === program || parent.name() === "tune" ? [...methodNames, "auto"] : []),
        ];
        const list = `; see \`${["hypertrain", ...found.map((command) => command.name()), "--help"].join(" ")}\``;
        throw inputError(
          `help must be asked for a command${parent === program ? " or a method" : parent.name() === "tune" ? " or a method of it" : ""}, but got "${oneLine(odd)}"${nearest(odd, known) || list}`,
        );
      }
      parent.help();
    });
}

function versionOfPackage(): string {
  const path = new URL("../../package.json", import.meta.url); // beside src/ and dist/
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/** Says what went wrong in one sentence, and how bad it is as an exit code. */
function report(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // help and version, already shown
  if (error instanceof CommanderError && error.code === "commander.help") return 2;
  const stray = strayValue(error, program, argv);
  const usage = error instanceof CommanderError ? (stray ?? usageSentence(error, program, argv)) : stray;
  const failure = usage === undefined ? advised(error) : inputError(usage);
  const { code, message, stack } = failure as HypertrainError;
  const known = failure instanceof HypertrainError;
  const sentence = known
    ? inFlags(message)
    : `${message ?? String(failure)} (this is a bug of hypertrain; --debug shows where it happened)`;
  process.stderr.write(paint(`error: ${neutralised(sentence.replace(/\s*\n\s*/g, " "))}\n`, process.stderr));
  if (argv.includes("--debug")) process.stderr.write(`${stack}\n${causeOf(failure)}`);
  return known ? exitCodes[code] : 1;
}

const exitCodes = { input: 2, work: 1 } as const;

const causeOf = (error: unknown): string => {
  const { cause } = error as Error;
  return cause instanceof Error ? `caused by ${cause.stack}\n` : "";
};

/** The command and subcommand that the first arguments name. */
function commandsNamed(parent: Command, [first, ...rest]: readonly string[]): Command[] {
  const command = parent.commands.find((candidate) => candidate.name() === first);
  return command ? [command, ...commandsNamed(command, rest)] : [];
}

/** What is wrong where a word that is of no use stands behind a switch, as if it were its value; undefined where that is not the error. */
function strayValue(error: unknown, program: Command, argv: readonly string[]): string | undefined {
  const { code, message } = Object(error) as { readonly code?: string; readonly message?: string };
  const options = [program, ...commandsNamed(program, argv)].flatMap((command) => command.options);
  const useless = code === "commander.excessArguments" || message?.startsWith("the argument of ");
  if (!useless && code !== "input") return undefined;
  for (const [i, value] of argv.entries()) {
    const before = argv[i - 1];
    const own = options.find(({ long, short }) => before !== undefined && [long, short].includes(before));
    if (!own || own.required || own.optional || /^-|[./\\]/.test(value)) continue;
    if (!useless && !/^(true|false|yes|no|none|on|off)$/i.test(value)) continue;
    const name = own.long?.replace(/^--(no-)?/, "");
    const opposite = options.find(({ long }) => long === (own.negate ? `--${name}` : `--no-${name}`))?.long;
    return `${before} must stand alone, since it takes no value, but "${oneLine(value)}" stands behind it; leave that out${opposite === undefined ? "" : `, or write ${opposite} for the opposite`}`;
  }
  return undefined;
}

/** Commander's own message, with the nearest known name instead of a second line. */
function usageSentence({ code, message }: CommanderError, program: Command, argv: readonly string[]): string {
  const sentence = message.replace(/^error: /, "");
  const path = commandsNamed(program, argv);
  const command = path.at(-1) ?? program;
  const where = `; see \`${["hypertrain", ...path.map((part) => part.name()), "--help"].join(" ")}\``;
  const name = /'([^']+)'/.exec(message)?.[1]?.split("=")[0] ?? "";
  const known: Readonly<Record<string, readonly string[]>> = {
    "commander.unknownOption": command.options.flatMap(({ long }) => long ?? []),
    "commander.unknownCommand": command.commands.map((candidate) => candidate.name()),
  };
  return `${sentence}${nearest(name, known[code] ?? []) || where}`;
}
