import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** What is coloured in the words of a command, which are plain text until then: text from files cannot colour anything. */
const rules: readonly (readonly [RegExp, Style])[] = [
  [/^error:/gm, ["red", "bold"]],
  [/^warning:/gm, ["yellow", "bold"]],
  [/^ {2}(?:tuned by|\S+, untuned|hyperparameter|at the best epoch|state|method) .*$/gm, "bold"],
  [/(?<=^.* →.* )\S+$/gm, "cyan"],
  [/^ {2}✓/gm, "green"],
  [/^ {2}✗/gm, "red"],
];

/** Text with colours, where a stream is a terminal; NO_COLOR and FORCE_COLOR overrule what it is. */
export const paint = (text: string, stream: NodeJS.WritableStream): string =>
  rules.reduce(
    (painted, [pattern, style]) => painted.replace(pattern, (part) => styleText(style, part, { stream })),
    text,
  );
