/** The commands that take a run folder. */
import { Command, Option } from "commander";

import { fields } from "../config/fields.ts";
import { help } from "./help.ts";
import { debugOption, named, numberOf, readOption } from "./options.ts";

/** `hypertrain resume`. */
export function resumeCommand(exit: (code: number) => void): Command {
  return named(new Command("resume"))
    .summary("go on with a run after a stop or a crash, bit for bit")
    .description("Goes on with a run that was stopped or killed; it ends as if it had never stopped.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .addOption(readOption("epochs", "go on to N epochs in all (default: as the run was started)"))
    .addOption(readOption("time", "go on until it has trained for TIME in all, for example 60s, 10m or 2h"))
    .addOption(
      readOption(
        "threads",
        "threads of the engine onnx from here on, another number of which may round otherwise (default: as the run was started)",
      ),
    )
    .option("--force", "go on although the data, the problem or the versions have changed")
    .addOption(dataOption())
    .addOption(dataDirOption())
    .addOption(moduleOption())
    .addOption(trustOption())
    .option("--watch", fields.watch.about)
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .addHelpText("after", help.resume)
    .action(async (path: string, flags: object) => {
      const { resume } = await import("../commands/resume.ts");
      exit(await resume(path, flags));
    });
}

/** `hypertrain finish`. */
export function finishCommand(exit: (code: number) => void): Command {
  return named(new Command("finish"))
    .summary("end a stopped run where it stands: model and report of its best epoch")
    .description("Writes the model and the report of a stopped run's best epoch, without training on.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--force", "go on although the data, the problem or the versions have changed")
    .addOption(dataOption())
    .addOption(dataDirOption())
    .addOption(moduleOption())
    .addOption(trustOption())
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .action(async (path: string, flags: object) => {
      const { finish } = await import("../commands/finish.ts");
      exit(await finish(path, flags));
    });
}

/** `hypertrain response`. */
export function responseCommand(exit: (code: number) => void): Command {
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
    .option("--force", "write over a file that is there")
    .option(
      "--out <DIR>",
      "where the plot and the numbers go, as new files (default: response/ in the run folder)",
    )
    .addOption(dataOption())
    .addOption(dataDirOption())
    .addOption(moduleOption())
    .addOption(trustOption())
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.response)
    .action(async (path: string, flags: object) => {
      const { response } = await import("../commands/response.ts");
      exit(await response(path, flags));
    });
}

/** `hypertrain list`. */
export function listCommand(exit: (code: number) => void): Command {
  return named(new Command("list"))
    .summary("list the runs in a folder")
    .description(
      "Lists the run folders in a folder, the last first: state, data, method, best loss, when, size.",
    )
    .argument("[folder]", "where the run folders are, up to two folders down", "runs")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.list)
    .action(async (folder: string, flags: object) => {
      const { list } = await import("../commands/list.ts");
      exit(await list(folder, flags));
    });
}

/** `hypertrain show`. */
export function showCommand(exit: (code: number) => void): Command {
  return named(new Command("show"))
    .summary("show what a run has reached and where its files are")
    .description("Shows how far a run is, what it has reached, its hyperparameters and its files.")
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.show)
    .action(async (run: string, flags: object) => {
      const { show } = await import("../commands/show.ts");
      exit(await show(run, flags));
    });
}

/** `hypertrain predict`. */
export function predictCommand(exit: (code: number) => void): Command {
  const number = (flag: string, about: string) => new Option(flag, about).argParser(numberOf(flag));
  return named(new Command("predict"))
    .summary("answer for new rows or images, judge a text or continue one, by the model of a run")
    .description(
      "Answers for the rows of a file by the model of a run on a table, or for images by that of a run on images: classes with their probabilities, or numbers in the target's units.\n" +
        "Columns are found by name; where the file holds the target, or a folder of images has a folder for each class, the answers are scored.\n" +
        "Of a text it tells the mean cross-entropy of a token and the perplexity, by the model of a run on a text; --continue draws how one goes on.",
    )
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .argument("[input...]", "the file with new rows or a new text; or image files, or folders of images")
    .option(
      "--out <FILE>",
      "write all answers as CSV: of images file, then prediction, and for classes probability.CLASS",
    )
    .option("--force", "write over a file that is there")
    .option("--separator <C>", "what stands between the file's fields (default: found out)")
    .option("--continue <TEXT>", "print this text and how it goes on, by the model of a run on a text")
    .addOption(number("--length <N>", "tokens that --continue adds, at most 100000 (default: 200)"))
    .addOption(
      number(
        "--temperature <X>",
        "1 draws with the model's probabilities, less with more of the likeliest, 0 takes these (default: 1)",
      ),
    )
    .addOption(number("--seed <N>", "what its draws follow from (default: 0)"))
    .addOption(moduleOption())
    .addOption(trustOption())
    .option("--json", fields.json.about)
    .addOption(debugOption())
    .addHelpText("after", help.predict)
    .action(async (run: string, places: string[], flags: object) => {
      const { predict } = await import("../commands/predict.ts");
      exit(await predict(run, places, flags));
    });
}

/** `hypertrain refit`. */
export function refitCommand(exit: (code: number) => void): Command {
  return named(new Command("refit"))
    .summary("train once more on training and validation data together, along the schedule found")
    .description(
      "Trains once more on training and validation data together, with the hyperparameters as the run moved them up to its best epoch.\n" +
        "Says what the test part gains, and leaves a run folder with the model.",
    )
    .argument("<run>", "the run folder that `hypertrain tune` made")
    .option("--hold", "hold the hyperparameters at the values of the best epoch")
    .option("--out <DIR>", "the new run folder (default: runs/RUN-refit)")
    .addOption(dataOption())
    .addOption(dataDirOption())
    .addOption(moduleOption())
    .addOption(trustOption())
    .option("--json", fields.json.about)
    .option("--quiet", fields.quiet.about)
    .addOption(debugOption())
    .addHelpText("after", help.refit)
    .action(async (run: string, flags: object) => {
      const { refit } = await import("../commands/refit.ts");
      exit(await refit(run, flags));
    });
}

/** Where the data of a run lie by now. */
const dataOption = (): Option =>
  new Option("--data <FILE|DIR>", "where the run's table or folder of images lies by now");

const dataDirOption = (): Option =>
  new Option("--data-dir <DIR>", "where the files of the run's data set, or its text, lie by now");

/** Where the module of a run lies by now. */
const moduleOption = (): Option =>
  new Option("--module <FILE.ts>", "where the module lies by now that makes the run's problem or network");

/** Lets the module of a run execute. */
const trustOption = (): Option =>
  new Option("--trust", "run the module that the folder names, made on another machine or changed");
