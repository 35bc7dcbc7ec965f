/** The commands about this machine, the papers' figures and the shell. */
import { Command, Option } from "commander";

import { fields } from "../config/fields.ts";
import { help } from "./help.ts";
import { debugOption, named, readOption } from "./options.ts";

/** `hypertrain completion`. */
export function completionCommand(exit: (code: number) => void): Command {
  return named(new Command("completion"))
    .summary("print what makes a shell complete commands and options")
    .description("Prints a script by which a shell completes commands, options and their values.")
    .argument("<shell>", "bash, zsh or fish")
    .addOption(debugOption())
    .addHelpText("after", help.completion)
    .action(async (shell: string, _flags: object, { parent }: Command) => {
      const { completion } = await import("../commands/completion.ts");
      exit(completion(shell, parent as Command)); // it was added to the program
    });
}

/** `hypertrain doctor`. */
export function doctorCommand(exit: (code: number) => void): Command {
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
      const { doctor } = await import("../commands/doctor.ts");
      exit(await doctor(flags));
    });
}

/** `hypertrain bench` and its commands. */
export function benchCommand(exit: (code: number) => void): Command {
  const step = measuring(named(new Command("step")), help.benchStep)
    .summary("time a training step and a hyperparameter step")
    .description(
      "Times the steps of a method on a 784-1200-1200-10 network, minibatches of 128, engine against engine, " +
        "against the time that their arithmetic takes here and, with --peer, against PyTorch.",
    )
    .option(
      "--network <NAME>",
      "simple-cnn, alexnet, vgg16 or resnet18 (a quarter of its width) on random images, or lstm or transformer on random words, engine onnx unless told otherwise",
    )
    .option("--method <NAME>", "delta-stn, stn, or plain: fixed dropout rates (default: delta-stn)")
    .addOption(
      readOption(
        "hyper",
        "a hyperparameter, as for hypertrain tune; repeatable (default: dropout.*=0.05, a rate for each place)",
      ),
    )
    .addOption(readOption("perturbations", fields.perturbations.about))
    .action(async (flags: object) => {
      const { benchStep } = await import("../commands/bench.ts");
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
      const { benchHypernet } = await import("../commands/bench.ts");
      exit(await benchHypernet(flags));
    });
  const search = named(new Command("search"))
    .summary("time the suggestions of samplers")
    .description("Times the suggestions of samplers over 1,000 trials of a 10-dimensional sphere.")
    .option("--peer", "measure Optuna as well, in a checkout of the project")
    .option("--python <PROGRAM>", "the Python that has Optuna (default: python3)")
    .option("--json", fields.json.about)
    .option("--save <FILE>", "write the JSON document to a file")
    .option("--force", "write over a file that is there")
    .addOption(debugOption())
    .addHelpText("after", help.benchSearch)
    .action(async (flags: object) => {
      const { benchSearch } = await import("../commands/bench.ts");
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

/** `hypertrain reproduce`. */
export function reproduceCommand(exit: (code: number) => void): Command {
  return named(new Command("reproduce"))
    .summary("draw a figure of a paper anew, and compare")
    .description(
      "Runs the experiment behind a figure of Lorraine and Duvenaud (2018), a row of the Delta-STN poster's table or a toy of Delta-STN, draws it and holds it against the paper or a closed form.\n" +
        "Needs a checkout of hypertrain, and MNIST's files for all figures but figure-3 and the toys.",
    )
    .argument(
      "<figure>",
      "figure-2, figure-3, figure-4, figure-5, figure-5-deep, figure-6, workshop-comparison, delta-stn-table, conditioning, gate-oracle, perturbation-scale or small-text",
    )
    .option(
      "--scale <NAME>",
      "quick, within a minute or, of the table, a few; reduced, of the table; or paper: the paper's own settings (default: quick)",
    )
    .option(
      "--row <NAME>",
      "of delta-stn-table: mnist, fashion-mnist, alexnet, vgg16, resnet18 or ptb (default: mnist)",
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
      const { reproduce } = await import("../commands/reproduce.ts");
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
    .option(
      "--threads <N>",
      "threads of the engine onnx, and of PyTorch (default: as many as there are cores)",
    )
    .option("--rounds <N>", "how often all take their turn (default: 10)")
    .option("--peer", "measure PyTorch as well, in a checkout of the project")
    .option("--python <PROGRAM>", "the Python that has PyTorch (default: python3)")
    .option("--json", fields.json.about)
    .option("--save <FILE>", "write the JSON document to a file")
    .option("--force", "write over a file that is there")
    .addOption(debugOption())
    .addHelpText("after", examples);
