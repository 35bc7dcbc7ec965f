/** The commands for studies in a store, and what serves them. */
import { Command } from "commander";

import { fields } from "../config/fields.ts";
import { help } from "./help.ts";
import { debugOption, named, portOption, readOption } from "./options.ts";

/** `hypertrain work`. */
export function workCommand(exit: (code: number) => void): Command {
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
      const { workCommand: work } = await import("../commands/work.ts");
      exit(await work(store, flags));
    });
}

/** `hypertrain study` and its commands. */
export function studyCommand(exit: (code: number) => void): Command {
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
    .action(async (flags: object) => exit(await (await import("../commands/study.ts")).studyList(flags)));
  one("show", "show a study and its trials")
    .argument("[name]", "the study, where the store has several")
    .option("--json", fields.json.about)
    .action(async (name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyShow(name, flags)),
    );
  one("export", "write a study for other programs")
    .argument("[name]", "the study, where the store has several")
    .option("--format <NAME>", "json, csv or optuna-journal (default: json)")
    .option("--out <FILE>", "where to (default: standard output)")
    .option("--force", "write over a file that is there")
    .action(async (name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyExport(name, flags)),
    );
  one("import", "take a study of Optuna into a store, from its journal or SQLite file")
    .argument("<file>", "the file, which is only read")
    .argument("[name]", "the study, where the file has several")
    .option("--as <NAME>", "what to call it here (default: as there)")
    .option(
      "--artifacts <PLACE>",
      "where programs that go on with it keep checkpoints: sql, file:DIR or s3://BUCKET/PREFIX (default: sql)",
    )
    .addOption(readOption("trials", "how many trials there are to be in all (default: no more)"))
    .action(async (file: string, name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study-import.ts")).studyImport(file, name, flags)),
    );
  one("importances", "show how much each hyperparameter of a study decides")
    .argument("[name]", "the study, where the store has several")
    .option("--json", fields.json.about)
    .action(async (name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyImportances(name, flags)),
    );
  one("pareto", "show the trials that no other is better than in all of several objectives")
    .argument("[name]", "the study, where the store has several")
    .option(
      "--objectives <NAMES>",
      "behind commas: loss, test loss, a measure, seconds, gradients, epochs, parameters or a hyperparameter; max: before what is to be large (default: those of the study, or loss,seconds)",
    )
    .option(
      "--where <BOUNDS>",
      'bounds that trials must keep, behind commas, such as "seconds<=10" (default: those of the study)',
    )
    .option("--json", fields.json.about)
    .action(async (name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyPareto(name, flags)),
    );
  one("enqueue", "let one of the next trials try values of yours")
    .argument("<name>", "the study")
    .argument("<values...>", "as NAME=VALUE; the sampler chooses the others")
    .action(async (name: string, values: string[], flags: object) =>
      exit(await (await import("../commands/study.ts")).studyEnqueue(name, values, flags)),
    );
  one("stop", "let the workers of a study end")
    .argument("[name]", "the study, where the store has several")
    .action(async (name: string | undefined, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyStop(name, flags)),
    );
  one("delete", "remove a study")
    .argument("<name>", "the study")
    .action(async (name: string, flags: object) =>
      exit(await (await import("../commands/study.ts")).studyDelete(name, flags)),
    );
  return study;
}

/** `hypertrain dashboard`. */
export function dashboardCommand(exit: (code: number) => void): Command {
  return named(new Command("dashboard"))
    .summary("show runs and studies in a browser, live")
    .description(
      "Shows the runs and comparisons of a folder, and the studies of a store, in a browser, and what becomes of them while they train.",
    )
    .argument("[folder]", "where runs and comparisons are, up to two folders down", "runs")
    .option("--store <FILE.db|URL>", "the studies to show")
    .option("--export <FILE.html>", "write all of it to one file that needs no server, and end")
    .option("--force", "write over a file that is there")
    .addOption(portOption("7717"))
    .option(
      "--host <HOST>",
      "where to listen; beyond this machine HYPERTRAIN_TOKEN must be set (default: 127.0.0.1)",
    )
    .addOption(debugOption())
    .addHelpText("after", help.dashboard)
    .action(async (folder: string, flags: object) => {
      const { dashboard } = await import("../commands/dashboard.ts");
      exit(await dashboard(folder, flags));
    });
}

/** `hypertrain serve`. */
export function serveCommand(exit: (code: number) => void): Command {
  return named(new Command("serve"))
    .summary("let programs in any language ask for trials and tell, by HTTP")
    .description(
      "Serves the studies of a store by HTTP: programs in any language ask for values to try and tell their losses.\n" +
        "/openapi.json describes it; clients: hypertrain/client for JavaScript, python/hypertrain_client.py for Python.",
    )
    .option("--store <FILE.db|URL>", "where the studies are (required)")
    .option(
      "--artifacts <PLACE>",
      "where studies that are created here keep checkpoints: sql, file:DIR or s3://BUCKET/PREFIX (default: sql)",
    )
    .addOption(portOption("7718"))
    .option(
      "--host <HOST>",
      "where to listen; beyond this machine HYPERTRAIN_TOKEN must be set (default: 127.0.0.1)",
    )
    .addOption(debugOption())
    .addHelpText("after", help.serve)
    .action(async (flags: object) => exit(await (await import("../commands/serve.ts")).serve(flags)));
}
