import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { FieldOrigin } from "./config.ts";
import { fieldNames, fields, type FieldName } from "./fields.ts";
import type { Field } from "./fields/field.ts";
import { isSearch, type MethodName } from "../../methods/lookup.ts";

type Given = Readonly<Partial<Record<string, unknown>>>;

/** Whether one of these methods has a use for a field. */
export const isUseful = (name: FieldName, used: readonly MethodName[]): boolean => {
  const { methods }: Field = fields[name];
  return !methods || used.some((method) => methods.includes(method));
};

/** A configuration without the fields that none of these methods has a use for, or to which others give no meaning. */
export const onlyUseful = <C extends Given>(config: C, used: readonly MethodName[]): C =>
  Object.fromEntries(
    Object.entries(config).filter(
      ([name]) =>
        !(name in fields) || (isUseful(name as FieldName, used) && hasMeaning(name as FieldName, config)),
    ),
  ) as C; // what is left out was optional, or has a default that nothing reads

/** Whether the field that this one needs has a value which gives it a meaning. */
function hasMeaning(name: FieldName, config: Given): boolean {
  const { needs }: Field = fields[name];
  if (!needs) return true;
  const value = config[needs.field];
  return needs.values ? needs.values.includes(String(value)) : value !== undefined;
}

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
  used: readonly MethodName[],
  origin: FieldOrigin,
  called = used.join(", "),
): void {
  for (const name of fieldNames) {
    const value = given[name];
    if (value === undefined || value === false) continue;
    const { methods, needs, insteadInStudy }: Field = fields[name];
    const received = `but got ${oneLine(Array.isArray(value) ? value.join(",") : JSON.stringify(value))}`;
    if (!isUseful(name, used)) {
      throw inputError(
        `${origin(name)} must be left out for ${called}, which ${used.length === 1 ? "has" : "have"} no use for it, ${received}; it is for ${shortened(methods ?? [])}`,
      );
    }
    if (insteadInStudy !== undefined && config.store !== undefined && used.every(isSearch)) {
      throw inputError(
        `${origin(name)} must be left out with --store, whose studies have no use for it, ${received}; ${insteadInStudy}`,
      );
    }
    if (!needs || hasMeaning(name, config)) continue;
    if (!needs.values) {
      throw inputError(
        `${origin(name)} must come with ${origin(needs.field)}, ${received} without it; add it or leave the other out${needs.otherwise === undefined ? "" : `; ${needs.otherwise}`}`,
      );
    }
    throw inputError(
      `${origin(name)} must come with ${origin(needs.field)} ${needs.values.join(" or ")}, ${received} with ${origin(needs.field)} ${oneLine(String(config[needs.field]))}; change that or leave ${origin(name)} out`,
    );
  }
}

const shortened = (methods: readonly MethodName[]): string =>
  methods.length <= 6
    ? methods.join(", ")
    : `${methods.slice(0, 5).join(", ")} and ${methods.length - 5} more`;
