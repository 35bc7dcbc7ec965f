import { allOptions, type OptionName, type OptionOfMethods } from "../../../methods/all-options.ts";
import { type Field, number, text } from "./field.ts";

/** The options of the methods, which say of themselves what they mean and what they are unless given. */
export const methodFields = Object.fromEntries(
  Object.entries<OptionOfMethods>(allOptions).map(([name, option]) => [name, fieldOf(option)]),
) as Readonly<Record<OptionName, Field>>; // the names are those of the options

function fieldOf({ type, argument, about, needs, methods, defaults }: OptionOfMethods): Field {
  return {
    group: "Tuning:",
    argument,
    read: type.kind === "name" ? text : number,
    about: `${about} (default: ${defaults})`,
    methods,
    ...(needs && { needs }),
  };
}
