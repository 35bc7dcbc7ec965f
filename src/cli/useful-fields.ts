import { inputError } from "../util/error.ts";
import { shown } from "../util/text.ts";
import type { Origin } from "./config.ts";
import { fieldNames, fields, type Field, type FieldName } from "./fields.ts";
import type { Method } from "./methods.ts";

type Given = Readonly<Partial<Record<string, unknown>>>;

/** Whether one of these methods has a use for a field. */
export const isUseful = (name: FieldName, used: readonly Method[]): boolean => {
  const { methods }: Field = fields[name];
  return !methods || used.some((method) => methods.includes(method));
};

/** A configuration without the fields that none of these methods has a use for. */
export const onlyUseful = <C extends object>(config: C, used: readonly Method[]): C =>
  Object.fromEntries(
    Object.entries(config).filter(([name]) => !(name in fields) || isUseful(name as FieldName, used)),
  ) as C; // what is left out was optional, or has a default that nothing reads

/**
 * Demands that what was given means something: a field that is ignored without a word would be taken for one that works.
 *
 * @param given what was given, in one place: flags, or a file
 * @param config all that holds, for the fields that give others a meaning
 * @param called what the user calls the methods, where that is not their names
 * @throws {HypertrainError} on the first field that does nothing.
 */
export function demandUseful(
  given: Given,
  config: Given,
  used: readonly Method[],
  origin: Origin,
  called = used.join(", "),
): void {
  for (const name of fieldNames) {
    const value = given[name];
    if (value === undefined) continue;
    const { methods, needs }: Field = fields[name];
    const received = `but got ${shown(JSON.stringify(value))}`;
    if (!isUseful(name, used)) {
      throw inputError(
        `${origin(name)} must be left out for ${called}, which ${used.length === 1 ? "has" : "have"} no use for it, ${received}; it is for ${listed(methods ?? [])}`,
      );
    }
    if (needs && !needs.values && config[needs.field] === undefined) {
      throw inputError(
        `${origin(name)} must come with ${origin(needs.field)}, ${received} without it; add it or leave the other out`,
      );
    }
    if (needs?.values && !needs.values.includes(String(config[needs.field]))) {
      throw inputError(
        `${origin(name)} must come with ${origin(needs.field)} ${needs.values.join(" or ")}, ${received} with ${origin(needs.field)} ${String(config[needs.field])}; add it or leave the other out`,
      );
    }
  }
}

const listed = (methods: readonly Method[]): string =>
  methods.length <= 6
    ? methods.join(", ")
    : `${methods.slice(0, 5).join(", ")} and ${methods.length - 5} more`;
