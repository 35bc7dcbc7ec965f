/**
 * The fields of a configuration, each of which is also a flag of `hypertrain tune`: `hyperLr` is `--hyper-lr`.
 *
 * Only what `--help` needs, so that it loads nothing: types, ranges and defaults are the schema's (`config.ts`).
 */
import type { Field, FieldSubject } from "./fields/field.ts";
import { dataFields } from "./fields/data-fields.ts";
import { networkFields } from "./fields/network-fields.ts";
import { runFields } from "./fields/run-fields.ts";
import { trainingFields } from "./fields/training-fields.ts";
import { tuningFields } from "./fields/tuning-fields.ts";

/** All fields, in the order in which `--help` lists them. */
export const fields = {
  ...dataFields,
  ...networkFields,
  ...tuningFields,
  ...trainingFields,
  ...runFields,
};

/** The name of a configuration's field. */
export type FieldName = keyof typeof fields;

/** The names of all fields, in the order of `--help`. */
export const fieldNames = Object.keys(fields) as readonly FieldName[]; // the keys are those of the literal above

/** The part of a configuration that is about these subjects. */
export const partOf = <C extends object>(config: C, ...subjects: readonly FieldSubject[]): Partial<C> =>
  Object.fromEntries(
    Object.entries(config).filter(([name]) => subjects.includes(subjectOf(name))),
  ) as Partial<C>; // some of its own fields

function subjectOf(name: string): FieldSubject {
  const { of = "training" }: Partial<Field> = Object.hasOwn(fields, name) ? fields[name as FieldName] : {};
  return of;
}

/** The flag of a field: `hyperLr` is `--hyper-lr`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
