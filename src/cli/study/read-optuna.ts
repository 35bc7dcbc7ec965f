import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";

import { onDisk } from "../../artifacts/disk.ts";
import { inputError } from "../../util/error.ts";
import { isRecord } from "../../util/record.ts";
import { oneLine } from "../../util/text.ts";
import { directions, operations, trialStates } from "./optuna-format.ts";
import type { OptunaStudy, OptunaTrial } from "./optuna-import.ts";

/**
 * The studies of a file of Optuna: a journal, or a SQLite database, which is opened to be read alone.
 *
 * @throws {HypertrainError} where it is neither.
 */
export async function readOptuna(path: string): Promise<OptunaFile> {
  const bytes = await onDisk(path, () => readFile(path));
  const isSqlite = bytes.subarray(0, 15).toString("latin1") === "SQLite format 3";
  const file = isSqlite
    ? { studies: databaseStudies(path), remarks: [] }
    : journalStudies(bytes.toString("utf8"), path);
  if (file.studies.length > 0) return file;
  throw inputError(
    `${oneLine(path)} must hold a study of Optuna, but holds none; name its journal or its SQLite file`,
  );
}

/** What a file of Optuna holds. */
export interface OptunaFile {
  readonly studies: readonly OptunaStudy[];
  /** What was left out of it. */
  readonly remarks: readonly string[];
}

/** A trial while its journal is read. */
type Draft = { -readonly [K in keyof OptunaTrial]: OptunaTrial[K] } & {
  params: Record<string, OptunaTrial["params"][string]>;
};

/** A line of a journal, of whatever operation. */
interface Operation {
  readonly op_code: number;
  readonly study_id?: number;
  readonly study_name?: string;
  readonly directions?: readonly number[];
  readonly system_attr?: Attributes;
  readonly trial_id?: number;
  readonly state?: number;
  readonly value?: number | null;
  readonly values?: readonly number[] | null;
  readonly params?: Readonly<Record<string, number>>;
  readonly distributions?: Readonly<Record<string, string>>;
  readonly param_name?: string;
  readonly param_value_internal?: number;
  readonly distribution?: string;
  readonly system_attrs?: Attributes;
}

/** What Optuna notes of its own of a study or a trial, as far as it is read. */
interface Attributes {
  readonly "study:metric_names"?: readonly string[];
  readonly constraints?: readonly number[];
}

/** Plays a journal: studies and trials are numbered in the order in which they were made. */
function journalStudies(text: string, path: string): OptunaFile {
  const studies: {
    name: string;
    directions: OptunaStudy["directions"];
    metricNames?: readonly string[];
    trials: Draft[];
    gone: boolean;
  }[] = [];
  const trials: Draft[] = [];
  const remarks: string[] = [];
  const lines = text.split("\n");
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    const operation = operationOf(line, path, i + 1, i === lines.length - 1);
    if (!operation) {
      remarks.push(
        `the last line of ${oneLine(path)}, line ${i + 1}, was cut short, and was left out: ${oneLine(line)}`,
      );
      return;
    }
    const { op_code, study_id = -1, trial_id = -1 } = operation;
    if (op_code === operations.createStudy) {
      const aims = (operation.directions ?? [1]).map((code) =>
        directions[code] === "maximize" ? "maximize" : "minimize",
      );
      studies.push({ name: operation.study_name ?? "", directions: aims, trials: [], gone: false });
    } else if (op_code === operations.deleteStudy && studies[study_id]) {
      studies[study_id].gone = true;
    } else if (op_code === operations.setStudySystemAttribute && studies[study_id]) {
      const metricNames = operation.system_attr?.["study:metric_names"];
      if (metricNames) studies[study_id].metricNames = metricNames;
    } else if (op_code === operations.createTrial) {
      const trial = draftOf(operation);
      trials.push(trial);
      studies[study_id]?.trials.push(trial);
    }
    const trial = trials[trial_id];
    if (!trial || (trial.state !== "running" && trial.state !== "waiting")) return; // Optuna, too, lets what has ended be
    if (op_code === operations.setParameter && operation.param_name !== undefined) {
      trial.params[operation.param_name] = {
        internal: operation.param_value_internal ?? NaN,
        distribution: operation.distribution ?? "{}",
      };
    }
    if (op_code === operations.setStateAndValues) {
      trial.state = trialStates[operation.state ?? 0] ?? "running";
      trial.values = operation.values ?? trial.values;
    }
    const isNoted = op_code === operations.setTrialSystemAttribute;
    const constraints = isNoted ? operation.system_attr?.constraints : undefined;
    if (constraints) trial.constraints = constraints;
  });
  return { studies: studies.filter(({ gone }) => !gone), remarks };
}

/** Python writes NaN and Infinity, which are no JSON. A last line that was cut off is none. */
function operationOf(line: string, path: string, number: number, last: boolean): Operation | undefined {
  try {
    const read = JSON.parse(line.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, "$1null")) as unknown;
    if (isRecord(read)) return read as unknown as Operation; // as far as it has these fields
  } catch {
    if (last) return undefined;
  }
  throw inputError(
    `${oneLine(path)} must be a journal or a SQLite file of Optuna, but its line ${number} is ${oneLine(line)}; name another file`,
  );
}

function draftOf({
  state = 0,
  value,
  values,
  params = {},
  distributions = {},
  system_attrs: { constraints } = {},
}: Operation): Draft {
  return {
    state: trialStates[state] ?? "running",
    values: values ?? (typeof value === "number" ? [value] : []),
    ...(constraints && { constraints }),
    params: Object.fromEntries(
      Object.entries(params).map(([name, internal]) => [
        name,
        { internal, distribution: distributions[name] ?? "{}" },
      ]),
    ),
  };
}

function databaseStudies(path: string): readonly OptunaStudy[] {
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const rows = <T>(sql: string): readonly T[] => database.prepare(sql).all() as unknown as readonly T[]; // Optuna's schema
    const params = Map.groupBy(
      rows<{ trial_id: number; param_name: string; param_value: number; distribution_json: string }>(
        "select * from trial_params",
      ),
      ({ trial_id }) => trial_id,
    );
    const directions = Map.groupBy(
      rows<{ study_id: number; direction: string }>("select * from study_directions order by objective"),
      ({ study_id }) => study_id,
    );
    const trials = Map.groupBy(
      rows<{ trial_id: number; study_id: number; state: string }>(
        "select trial_id, study_id, state from trials order by number",
      ),
      ({ study_id }) => study_id,
    );
    const values = Map.groupBy(
      rows<{ trial_id: number; value: number | null }>(
        "select trial_id, value from trial_values order by objective",
      ),
      ({ trial_id }) => trial_id,
    );
    const noted = <Id extends "study_id" | "trial_id">(table: string, id: Id, key: string) =>
      new Map(
        rows<Record<Id, number> & { value_json: string }>(
          `select ${id}, value_json from ${table} where key = '${key}'`,
        ).map((row) => [row[id], JSON.parse(row.value_json) as unknown]),
      );
    const metricNames = noted("study_system_attributes", "study_id", "study:metric_names");
    const constraints = noted("trial_system_attributes", "trial_id", "constraints");
    return rows<{ study_id: number; study_name: string }>("select * from studies order by study_id").map(
      ({ study_id, study_name }) => ({
        name: study_name,
        directions: (directions.get(study_id) ?? []).map(({ direction }) =>
          direction === "MAXIMIZE" ? "maximize" : "minimize",
        ),
        ...(metricNames.has(study_id) && { metricNames: metricNames.get(study_id) as string[] }), // as Optuna writes them
        trials: (trials.get(study_id) ?? []).map(({ trial_id, state }) => ({
          state: state.toLowerCase() as OptunaTrial["state"],
          values: (values.get(trial_id) ?? []).map(({ value }) => value),
          ...(constraints.has(trial_id) && { constraints: constraints.get(trial_id) as number[] }),
          params: Object.fromEntries(
            (params.get(trial_id) ?? []).map(({ param_name, param_value, distribution_json }) => [
              param_name,
              { internal: param_value, distribution: distribution_json },
            ]),
          ),
        })),
      }),
    );
  } catch (cause) {
    throw inputError(
      `${oneLine(path)} must be a SQLite file of Optuna, but could not be read as one: ${oneLine((cause as Error).message)}; name another file`,
      { cause },
    );
  }
}
