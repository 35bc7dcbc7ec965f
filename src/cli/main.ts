/**
 * The command line. Commands are loaded when they run, so that `--help` is quick: nothing here imports arrays, schemas or plots.
 */
import { readFileSync } from "node:fs";
import { styleText } from "node:util";

import { Argument, Command, CommanderError, Option } from "commander";

import { HypertrainError, inputError, workError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { neutralised, shown } from "../util/text.ts";
import { help } from "./help.ts";
import { watchOutput } from "./output.ts";
import { fieldNames, fields, flagOf, type Field, type FieldName } from "./fields.ts";
import { methodNames, type Method } from "./methods.ts";
import { oneOf } from "./plain-flags.ts";
import { paint } from "./paint.ts";
import { isUseful } from "./useful-fields.ts";

/**
 * Runs a command.
 *
 * @param argv the arguments behind the program's name
 * @returns the exit code: 0 success, 1 failure of the work, 2 wrong usage or bad input, 130 interrupted
 */
export async function main(argv: readonly string[]): Promise<number> {
  const output = watchOutput();
  let code = 0;
  const program = createProgram((exit) => (code = exit));
  try {
    if (argv.length === 0) program.help({ error: true });
    await program.parseAsync(argv, { from: "user" });
    const failure = await output.failure();
    if (failure) {
      throw workError(
        `the result must go to standard output, but that failed: ${shown(failure.message)}; what a run found is in its folder`,
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

function createProgram(exit: (code: number) => void): Command {
  const program = named(new Command("hypertrain"))
    .description("Tunes the hyperparameters of a neural network inside one training run.")
    .version(versionOfPackage(), "-V, --version", "print the version")
    .addHelpText("after", help.program);
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
  program.helpCommand("help [command]", "show the help of a command");
  return program;
}

function tuneCommand(exit: (code: number) => void): Command {
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
      const { tune } = await import("./commands/tune.ts");
      const given = Object.entries(flags).filter(([name]) => name in fields);
      exit(await tune(file, Object.fromEntries(given)));
    });
  return withFields(command, fieldNames).addOption(debugOption());
}

/** Options of fields: those that most people need in `--help`, the others in `--help-all`, those of a method in `--help METHOD`. */
function withFields(
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
  const help = (shows: (name: FieldName) => boolean) => {
    choose(shows);
    for (const { name, option } of options) if (!option.negate) option.description = fields[name].about;
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
      const named: Method = oneOf("--help", methodNames, method as string);
      help((name) => isUseful(name, [named]) && fields[name].group !== "Data:");
    })
    .on("option:help-all", () => help(() => true));
}

function inspectCommand(exit: (code: number) => void): Command {
  const command = named(new Command("inspect"))
    .summary("say what a table holds and what becomes of it")
    .description("Says what a table holds and what would become of its columns, without training.")
    .argument("<file>", "the table")
    .addHelpText("after", help.inspect)
    .action(async (file: string, flags: Partial<Record<FieldName, unknown>>) => {
      const { inspect } = await import("./commands/inspect.ts");
      exit(await inspect(file, Object.fromEntries(Object.entries(flags).filter(([name]) => name in fields))));
    });
  for (const name of inspectFields) for (const option of optionsOf(name)) command.addOption(option);
  return command.option("--json", fields.json.about).addOption(debugOption());
}

/** The fields that `inspect` takes beside the file. */
const inspectFields: readonly FieldName[] = [
  ...([
    "target",
    "task",
    "header",
    "separator",
    "missing",
    "ignore",
    "keep",
    "dates",
    "valid",
    "test",
  ] as const),
  ...(["splitBy", "group", "timeColumn", "stratify", "targetTransform", "seed"] as const),
];

function compareCommand(exit: (code: number) => void): Command {
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
    .addHelpText("after", help.compare)
    .action(async (file: string | undefined, flags: Record<string, unknown>) => {
      const { compare } = await import("./commands/compare.ts");
      const given = Object.entries(flags).filter(([name]) => name in fields);
      exit(await compare(file, flags, Object.fromEntries(given)));
    });
  return withFields(
    command,
    fieldNames.filter((field) => !ownToTune.includes(field)),
    (name) => (fields[name] as Field).notCompared !== undefined, // taken, to say why they are refused
  ).addOption(debugOption());
}

/** Fields that a comparison settles itself. */
const ownToTune: readonly FieldName[] = ["method", "baseline", "patience", "watch", "guard"];

function resumeCommand(exit: (code: number) => void): Command {
  return named(new Command("resume"))
    .summary("go on with a run after a stop or a crash, bit for bit")
    .description("Goes on with a run that was stopped or killed; it ends as if it had never stopped.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .addOption(readOption("epochs", "go on to N epochs in all (default: as the run was started)"))
    .option("--force", "go on although the data, the problem or the versions have changed")
    .option("--trust", "run the problem's module that the folder names, made on another machine or changed")
    .option("--watch", fields.watch.about)
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .addHelpText("after", help.resume)
    .action(async (path: string, flags: object) => {
      const { resume } = await import("./commands/resume.ts");
      exit(await resume(path, flags));
    });
}

function workCommand(exit: (code: number) => void): Command {
  return named(new Command("work"))
    .summary("train for a study that a store holds, beside other workers")
    .description(
      "Trains trials of the studies that a store holds, beside any number of other workers, until nothing is left to do.\n" +
        "`hypertrain tune --store` begins a study. A worker that is killed is replaced; none of its trial is lost but the time since its last checkpoint.",
    )
    .argument("<store>", "the SQLite file or postgres:// database")
    .option("--study <NAME>", "work on this study alone (default: all that are open)")
    .addOption(readOption("workers", "processes to work with (default: 1)"))
    .addOption(readOption("threads", fields.threads.about))
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .action(async (store: string, flags: object) => {
      const { workCommand: work } = await import("./commands/work.ts");
      exit(await work(store, flags));
    });
}

function studyCommand(exit: (code: number) => void): Command {
  const study = named(new Command("study"))
    .summary("look at the studies of a store, export, import, enqueue, stop or delete them")
    .description("Looks at the studies that `hypertrain tune --store` keeps, and changes them.");
  const one = (name: string, summary: string) => {
    const command = named(new Command(name)).summary(summary).description(`${summary}.`);
    study.addCommand(command.option("--store <FILE.db|URL>", "where the studies are (required)"));
    return command.addOption(debugOption());
  };
  one("list", "list the studies of a store")
    .option("--json", fields.json.about)
    .action(async (flags: object) => exit(await (await import("./commands/study.ts")).studyList(flags)));
  one("show", "show a study and its trials")
    .argument("<name>", "the study")
    .option("--json", fields.json.about)
    .action(async (name: string, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyShow(name, flags)),
    );
  one("export", "write a study for other programs")
    .argument("<name>", "the study")
    .option("--format <NAME>", "json, csv or optuna-journal (default: json)")
    .option("--out <FILE>", "where to (default: standard output)")
    .action(async (name: string, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyExport(name, flags)),
    );
  one("import", "take a study of Optuna into a store, from its journal or SQLite file")
    .argument("<file>", "the file, which is only read")
    .argument("[name]", "the study, where the file has several")
    .option("--as <NAME>", "what to call it here (default: as there)")
    .addOption(readOption("trials", "how many trials there are to be in all (default: no more)"))
    .action(async (file: string, name: string | undefined, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyImport(file, name, flags)),
    );
  one("importances", "show how much each hyperparameter of a study decides")
    .argument("<name>", "the study")
    .option("--json", fields.json.about)
    .action(async (name: string, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyImportances(name, flags)),
    );
  one("enqueue", "let one of the next trials try values of yours")
    .argument("<name>", "the study")
    .argument("<values...>", "as NAME=VALUE; the sampler chooses the others")
    .action(async (name: string, values: string[], flags: object) =>
      exit(await (await import("./commands/study.ts")).studyEnqueue(name, values, flags)),
    );
  one("stop", "let the workers of a study end")
    .argument("<name>", "the study")
    .action(async (name: string, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyStop(name, flags)),
    );
  one("delete", "remove a study")
    .argument("<name>", "the study")
    .action(async (name: string, flags: object) =>
      exit(await (await import("./commands/study.ts")).studyDelete(name, flags)),
    );
  return study;
}

function dashboardCommand(exit: (code: number) => void): Command {
  return named(new Command("dashboard"))
    .summary("show runs and studies in a browser, live")
    .description(
      "Shows the runs of a folder, and the studies of a store, in a browser, and what becomes of them while they train.",
    )
    .argument("[folder]", "where the run folders are", "runs")
    .option("--store <FILE.db|URL>", "the studies to show")
    .option("--export <FILE.html>", "write all of it to one file that needs no server, and end")
    .addOption(portOption("7717"))
    .option(
      "--host <HOST>",
      "where to listen; beyond this machine HYPERTRAIN_TOKEN must be set (default: 127.0.0.1)",
    )
    .addOption(debugOption())
    .addHelpText("after", help.dashboard)
    .action(async (folder: string, flags: object) => {
      const { dashboard } = await import("./commands/dashboard.ts");
      exit(await dashboard(folder, flags));
    });
}

function serveCommand(exit: (code: number) => void): Command {
  return named(new Command("serve"))
    .summary("let programs in any language ask for trials and tell, by HTTP")
    .description(
      "Serves the studies of a store by HTTP: programs in any language ask for values to try and tell their losses.\n" +
        "/openapi.json describes it; clients: hypertrain/client for JavaScript, python/hypertrain_client.py for Python.",
    )
    .option("--store <FILE.db|URL>", "where the studies are (required)")
    .addOption(portOption("7718"))
    .option(
      "--host <HOST>",
      "where to listen; beyond this machine HYPERTRAIN_TOKEN must be set (default: 127.0.0.1)",
    )
    .addOption(debugOption())
    .addHelpText("after", help.serve)
    .action(async (flags: object) => exit(await (await import("./commands/serve.ts")).serve(flags)));
}

const portOption = (standard: string): Option =>
  new Option("--port <N>", `the port to listen at; 0 for any (default: ${standard})`).argParser(
    (text: string) => {
      const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
      if (port <= 65535) return port;
      throw inputError(`--port must be a whole number from 0 to 65535, but got "${shown(text)}"; choose one`);
    },
  );

function finishCommand(exit: (code: number) => void): Command {
  return named(new Command("finish"))
    .summary("end a stopped run where it stands: model and report of its best epoch")
    .description("Writes the model and the report of a stopped run's best epoch, without training on.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--force", "go on although the data, the problem or the versions have changed")
    .option("--trust", "run the problem's module that the folder names, made on another machine or changed")
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .action(async (path: string, flags: object) => {
      const { finish } = await import("./commands/resume.ts");
      exit(await finish(path, flags));
    });
}

function responseCommand(exit: (code: number) => void): Command {
  const number = (flag: string, about: string) => new Option(flag, about).argParser(numberOf(flag));
  return named(new Command("response"))
    .summary("predict the losses at other hyperparameters from a run, without training again")
    .description(
      "Predicts training, validation and test loss over one hyperparameter from the response that a run has learned.\n" +
        "Prints a table and writes a plot and the numbers; exact where the response was trained, an extrapolation elsewhere.",
    )
    .argument("<run>", "the run folder of a method with a response: hyper-training or a self-tuning network")
    .option("--hyper <NAME>", "the hyperparameter that varies; l2.each[3] for one element (required)")
    .addOption(number("--from <X>", "its first value, in its own units (required)"))
    .addOption(number("--to <X>", "its last value (required)"))
    .addOption(number("--points <N>", "how many values (default: 25)"))
    .option("--weights <FILE>", "write the predicted weights of every point, as safetensors")
    .option("--out <DIR>", "where the plot and the numbers go (default: response/ in the run folder)")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.response)
    .action(async (path: string, flags: object) => {
      const { response } = await import("./commands/response.ts");
      exit(await response(path, flags));
    });
}

function listCommand(exit: (code: number) => void): Command {
  return named(new Command("list"))
    .summary("list the runs in a folder")
    .description(
      "Lists the run folders in a folder, the last first: state, data, method, best loss, when, size.",
    )
    .argument("[folder]", "where the run folders are", "runs")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.list)
    .action(async (folder: string, flags: object) => {
      const { list } = await import("./commands/list.ts");
      exit(await list(folder, flags));
    });
}

function showCommand(exit: (code: number) => void): Command {
  return named(new Command("show"))
    .summary("show what a run has reached and where its files are")
    .description("Shows how far a run is, what it has reached, its hyperparameters and its files.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.show)
    .action(async (run: string, flags: object) => {
      const { show } = await import("./commands/show.ts");
      exit(await show(run, flags));
    });
}

function completionCommand(exit: (code: number) => void): Command {
  return named(new Command("completion"))
    .summary("print what makes a shell complete commands and options")
    .description("Prints a script by which a shell completes commands, options and their values.")
    .argument("<shell>", "bash, zsh or fish")
    .addOption(debugOption())
    .addHelpText("after", help.completion)
    .action(async (shell: string, _flags: object, { parent }: Command) => {
      const { completion } = await import("./commands/completion.ts");
      exit(completion(shell, parent as Command)); // it was added to the program
    });
}

function predictCommand(exit: (code: number) => void): Command {
  return named(new Command("predict"))
    .summary("answer for new rows by the model of a run")
    .description(
      "Answers for the rows of a file by the model of a run on a table: classes with their probabilities, or numbers in the target's units.\n" +
        "Columns are found by name; where the file holds the target, the answers are scored.",
    )
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .argument("<file>", "the file with new rows")
    .option("--out <FILE>", "write all answers as CSV: prediction, and for classes probability.CLASS")
    .option("--separator <C>", "what stands between the file's fields (default: found out)")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.predict)
    .action(async (run: string, file: string, flags: object) => {
      const { predict } = await import("./commands/predict.ts");
      exit(await predict(run, file, flags));
    });
}

function refitCommand(exit: (code: number) => void): Command {
  return named(new Command("refit"))
    .summary("train once more on training and validation data together, along the schedule found")
    .description(
      "Trains once more on training and validation data together, with the hyperparameters as the run moved them up to its best epoch.\n" +
        "Says what the test part gains, and leaves a run folder with the model.",
    )
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--hold", "hold the hyperparameters at the values of the best epoch")
    .option("--out <DIR>", "the new run folder (default: runs/NAME-refit)")
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .addHelpText("after", help.refit)
    .action(async (run: string, flags: object) => {
      const { refit } = await import("./commands/refit.ts");
      exit(await refit(run, flags));
    });
}

/** Reads a number behind a flag. */
const numberOf =
  (flag: string) =>
  (text: string): number => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw inputError(`${flag.split(" ")[0]} must be a number, but got "${shown(text)}"`);
  };

function doctorCommand(exit: (code: number) => void): Command {
  return named(new Command("doctor"))
    .summary("show what works on this machine")
    .description(
      "Shows what works on this machine: the engines and their speed, Node, the data, the current folder.",
    )
    .addOption(readOption("dataDir", fields.dataDir.about))
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.doctor)
    .action(async (flags: object) => {
      const { doctor } = await import("./commands/doctor.ts");
      exit(await doctor(flags));
    });
}

function benchCommand(exit: (code: number) => void): Command {
  const step = measuring(named(new Command("step")), help.benchStep)
    .summary("time a training step and a hyperparameter step")
    .description(
      "Times the steps of a method on a 784-1200-1200-10 network, minibatches of 128, engine against engine,\n" +
        "against the time that their arithmetic takes here and, with --peer, against PyTorch.",
    )
    .option(
      "--network <NAME>",
      "simple-cnn, alexnet, vgg16 or resnet18 (a quarter of its width) on random images, engine onnx unless told otherwise",
    )
    .option("--method <NAME>", "delta-stn, stn, or plain: fixed dropout rates (default: delta-stn)")
    .action(async (flags: object) => {
      const { benchStep } = await import("./commands/bench.ts");
      exit(await benchStep(flags));
    });
  const hypernet = measuring(named(new Command("hypernet")), help.benchHypernet)
    .summary("time the steps of hyper-training")
    .description(
      "Times the steps of hyper-training on a linear model of 7,850 weights, as `bench step` does for the others.",
    )
    .option(
      "--work <NAME>",
      "global: one hyperparameter, hypernetwork 1-50-7850; each: one hyperparameter a weight, 7850-10-7850 (default: global)",
    )
    .action(async (flags: object) => {
      const { benchHypernet } = await import("./commands/bench.ts");
      exit(await benchHypernet(flags));
    });
  const search = named(new Command("search"))
    .summary("time the suggestions of samplers")
    .description("Times the suggestions of samplers over 1,000 trials of a 10-dimensional sphere.")
    .option("--peer", "measure Optuna as well, in a checkout of the project")
    .option("--python <PATH>", "the Python that has Optuna (default: python3)")
    .option("--json", fields.json.about)
    .option("--save <FILE>", "write the JSON document to a file")
    .addOption(debugOption())
    .addHelpText("after", help.benchSearch)
    .action(async (flags: object) => {
      const { benchSearch } = await import("./commands/bench.ts");
      exit(await benchSearch(flags));
    });
  return named(new Command("bench"))
    .summary("measure how fast this machine tunes")
    .description("Measures how fast this machine tunes.")
    .addCommand(step)
    .addCommand(hypernet)
    .addCommand(search)
    .addHelpText("after", help.bench);
}

function reproduceCommand(exit: (code: number) => void): Command {
  return named(new Command("reproduce"))
    .summary("draw a figure of a paper anew, and compare")
    .description(
      "Runs the experiment behind a figure of Lorraine and Duvenaud (2018), or a row of the Delta-STN poster's table, draws it and\nholds it against the paper.\n" +
        "Needs a checkout of hypertrain, and MNIST's files for all figures but figure-3.",
    )
    .argument(
      "<figure>",
      "figure-2, figure-3, figure-4, figure-5, figure-5-deep, figure-6, workshop-comparison or delta-stn-table",
    )
    .option(
      "--scale <NAME>",
      "quick, within a minute or, of the table, a few; reduced, of the table; or paper: the paper's own settings (default: quick)",
    )
    .option(
      "--row <NAME>",
      "of delta-stn-table: mnist, fashion-mnist, alexnet, vgg16 or resnet18 (default: mnist)",
    )
    .option("--data-dir <DIR>", "where the files of mnist are (default: data)")
    .option("--engine <NAME>", "auto, onnx or jax (default: auto)")
    .option("--threads <N>", "threads of the engine onnx (default: as many as there are cores)")
    .option("--seed <N>", "everything random follows from it (default: 7, the authors' own)")
    .option("--out <DIR>", "where the figure and its numbers go (default: reproduced/FIGURE-SCALE)")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.reproduce)
    .action(async (figure: string, flags: object) => {
      const { reproduce } = await import("./commands/reproduce.ts");
      exit(await reproduce(figure, flags));
    });
}

/** The options that all measurements have. */
const measuring = (command: Command, examples: string): Command =>
  command
    .addOption(
      new Option(
        "--engine <NAME>",
        "onnx or jax; repeatable, the first is compared with the others (default: all)",
      ).argParser((name: string, before: readonly string[] = []) => [...before, name]),
    )
    .option("--rounds <N>", "how often all take their turn (default: 10)")
    .option("--peer", "measure PyTorch as well, in a checkout of the project")
    .option("--python <PATH>", "the Python that has PyTorch (default: python3)")
    .option("--json", fields.json.about)
    .option("--save <FILE>", "write the JSON document to a file")
    .addOption(debugOption())
    .addHelpText("after", examples);

/** Errors are thrown to {@link main}, which says them in one sentence. */
const named = (command: Command): Command =>
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
function optionsOf(name: FieldName): Option[] {
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

function readOption(name: FieldName, about: string): Option {
  const { argument, read, repeatable }: Field = fields[name];
  const flag = flagOf(name);
  return new Option(`${flag} <${argument}>`, about).argParser((text: string, before: unknown) => {
    const value = read?.(text, flag);
    if (!repeatable) return value;
    const twice = Object.keys(value as object).find((key) => Object.hasOwn(Object(before), key));
    if (twice === undefined) return { ...(before as object | undefined), ...(value as object) };
    throw inputError(`${flag} must give each name once, but got "${shown(twice)}" twice; leave one out`);
  });
}

const debugOption = (): Option =>
  new Option("--debug", "show the stack of an error").helpGroup("Run:").hideHelp();

function versionOfPackage(): string {
  const path = new URL("../../package.json", import.meta.url); // beside src/ and dist/
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

/** Says what went wrong in one sentence, and how bad it is as an exit code. */
function report(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // help and version, already shown
  if (error instanceof CommanderError && error.code === "commander.help") return 2;
  const failure = error instanceof CommanderError ? inputError(usageSentence(error, program, argv)) : error;
  const { code, message, stack } = failure as HypertrainError;
  const known = failure instanceof HypertrainError;
  const sentence = known
    ? message
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
