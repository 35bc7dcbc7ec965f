import type { Command } from "commander";

import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import { configJsonSchema } from "../config/config.ts";
import { flagOf } from "../config/fields.ts";
import { dataSetNames } from "../data-sets/data-set-names.ts";
import { methodNames } from "../../methods/lookup.ts";

/**
 * Prints the script by which a shell completes the commands of a program, their options and, where these are names, the values.
 *
 * @returns the exit code
 */
export function completion(shell: string, program: Command): number {
  if (!Object.hasOwn(scripts, shell)) {
    const known = Object.keys(scripts);
    throw inputError(
      `the shell must be ${known.join(", ")}, but got "${oneLine(shell)}"${nearest(shell, known) || "; name one of them"}`,
    );
  }
  process.stdout.write(scripts[shell as keyof typeof scripts](completedOf(program)));
  return 0;
}

/** A command as a shell completes it. */
interface Completed {
  /** The words that name it, without `hypertrain`; none for the program itself. */
  readonly words: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly CompletedOption[];
}

interface CompletedOption {
  readonly flag: string;
  readonly about: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** What that can be; none where it is a number or a file. */
  readonly values: readonly string[];
}

/** A command, and all below it. */
function completedOf(command: Command, words: readonly string[] = []): Completed[] {
  const values = valuesOfFlags();
  const options = command.options.flatMap(({ long, flags, required, description }) =>
    long
      ? [
          {
            flag: long,
            about: description.split(/ \(|[,;:] /)[0] as string, // a list shows one line for each
            takesValue: required,
            values: required && !/<(FILE|DIR)/.test(flags) ? (values[long] ?? []) : [],
          },
        ]
      : [],
  );
  const own: Completed = {
    words,
    subcommands: command.commands.map((sub) => ({
      name: sub.name(),
      about: sub.summary() || sub.description(),
    })),
    options: [...options, { flag: "--help", about: "show help", takesValue: false, values: [] }].filter(
      ({ flag }, i, all) => all.findIndex((other) => other.flag === flag) === i,
    ),
  };
  return [own, ...command.commands.flatMap((sub) => completedOf(sub, [...words, sub.name()]))];
}

/** The names that the schema of a configuration allows behind a flag. */
function valuesOfFlags(): Readonly<Record<string, readonly string[]>> {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { readonly enum?: readonly string[] }>;
  };
  const named = Object.entries(properties).flatMap(([name, { enum: values }]) =>
    values ? [[flagOf(name), values] as const] : [],
  );
  return {
    ...Object.fromEntries(named),
    "--data": dataSetNames,
    "--methods": methodNames,
  };
}

/** A function that looks up what fits behind the words so far; where nothing does, bash takes the names of files. */
const bash = (commands: readonly Completed[]): string => {
  const cases = commands.map(
    ({ words, subcommands, options }) =>
      `    "${words.join(" ")}") names="${subcommands.map(({ name }) => name).join(" ")}" options="${options.map(({ flag }) => flag).join(" ")}" ;;`,
  );
  const values = commands.flatMap(({ words, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ flag, values }) => `    "${[...words, flag].join(" ")}") names="${values.join(" ")}" ;;`),
  );
  const known = commands.slice(1).map(({ words }) => `"${words.join(" ")}"`);
  return `# hypertrain's completion for bash: source <(hypertrain completion bash)
_hypertrain() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" names="" options="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${command:+$command }$word" in
      ${known.join(" | ")}) command="\${command:+$command }$word" ;;
    esac
  done
  if [[ $before == "=" ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [[ $current == "=" ]]; then current="" before="\${COMP_WORDS[COMP_CWORD-1]}"; fi
  case "\${command:+$command }$before" in
${values.join("\n")}
    *) case "$command" in
${cases.join("\n")}
    esac ;;
  esac
  if [[ $current == -* ]]; then names="$options"; fi
  COMPREPLY=($(compgen -W "$names" -- "$current"))
}
complete -o default -F _hypertrain hypertrain
`;
};

/** zsh runs what was written for bash. */
const zsh = (commands: readonly Completed[]): string =>
  `# hypertrain's completion for zsh: source <(hypertrain completion zsh), behind compinit
autoload -U +X bashcompinit && bashcompinit
${bash(commands).split("\n").slice(1).join("\n")}`;

const fish = (commands: readonly Completed[]): string => {
  const lines = commands.flatMap(({ words, subcommands, options }) => {
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    const names = subcommands.map(({ name }) => name).join(" ");
    const none = names === "" ? "" : `not __fish_seen_subcommand_from ${names}`;
    const here = [seen, none].filter((part) => part !== "").join("; and ");
    const begin = `complete -c hypertrain${here === "" ? "" : ` -n ${fishQuoted(here)}`}`;
    return [
      ...subcommands.map(({ name, about }) => `${begin} -f -a ${name} -d ${fishQuoted(about)}`),
      ...options.map(({ flag, about, takesValue, values }) => {
        const value = !takesValue ? "" : values.length > 0 ? ` -x -a ${fishQuoted(values.join(" "))}` : " -r";
        return `${begin} -l ${flag.slice(2)}${value} -d ${fishQuoted(about)}`;
      }),
    ];
  });
  return `# hypertrain's completion for fish\n${lines.join("\n")}\n`;
};

const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

const scripts = { bash, zsh, fish } as const;
