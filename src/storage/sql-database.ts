import { Kysely, sql, type Compilable, type CompiledQuery, type Dialect, type RawBuilder } from "kysely";

import type { TrialRecord } from "../study/next-segment.ts";
import { workError, type HypertrainError } from "../util/error.ts";
import type { StudyRow } from "./changes.ts";
import type { Hearing } from "./hearing.ts";
import { pointParts, studyParts, trialParts, unlessDamaged } from "./row-sum.ts";
import { demandTables, makeTables, type ByteType, type Tables } from "./tables.ts";
import { takingTurns, type TurnsOptions } from "./turns.ts";
import { changeBy, NOW, type Change, type Tx } from "./writes.ts";

/** What storages on different databases differ in. */
export interface SqlOptions extends TurnsOptions {
  readonly hearing: Hearing;
  readonly dialect: Dialect;
  readonly bytes: ByteType;
  /** Whether it can only be looked at; default false. */
  readonly readOnly?: boolean;
}

/** A SQL database that holds studies, as one process works with it. */
export interface SqlDatabase extends AsyncDisposable {
  /** What it is called in messages. */
  readonly name: string;
  readonly db: Kysely<Tables>;
  /** Its clock, in seconds since 1970. */
  readonly now: RawBuilder<number>;
  /** Does something when this process does nothing else with it, and again while what stops it may pass. */
  oneByOne<T>(action: () => Promise<T>): Promise<T>;
  /** What an action reads and writes in one piece, when this process does nothing else. */
  transaction<T>(action: (by: Change) => Promise<T>): Promise<T>;
  /**
   * A transaction that has a study to itself; undefined where there is none of that name.
   *
   * @param beside what is read with the study's row, on the same way to the server
   */
  locked<T, Row = never>(
    study: string,
    action: (by: Change, found: StudyRow, beside: readonly Row[]) => Promise<T>,
    beside?: (tx: Tx) => Compilable<Row>,
  ): Promise<T | undefined>;
  /** What rows hold, where they are as they were written. */
  readonly whole: {
    study(row: StudyRow): StudyRow;
    trial(row: Tables["trial"]): TrialRecord;
    point(row: Tables["point"]): Tables["point"];
  };
  /** The error about something that must be there. */
  lost(what: string): HypertrainError;
}

/**
 * Opens a database, and makes its tables where there are none.
 *
 * @throws {HypertrainError} where the tables are of another version.
 */
export async function openSqlDatabase(options: SqlOptions): Promise<SqlDatabase> {
  const { dialect, bytes, name, hearing, readOnly = false } = options;
  const db = new Kysely<Tables>({ dialect });
  let closing = false;
  const oneByOne = takingTurns({ ...options, present: () => closing || options.present?.() });
  const locking = sql.raw(bytes === "bytea" ? "for update" : "");
  const whole = unlessDamaged(name);
  const wholeStudy = (row: StudyRow) => whole(row, studyParts(row), `the study "${row.name}"`);

  try {
    await oneByOne(() => (readOnly ? demandTables(db, name) : makeTables(db, bytes, name)));
  } catch (error) {
    await db.destroy().catch(() => undefined); // what failed first says more
    throw error;
  }

  const transaction: SqlDatabase["transaction"] = (action) =>
    oneByOne(() =>
      db.transaction().execute(async (tx) => {
        const by = changeBy(tx, bytes);
        const done = await action(by);
        await by.flush();
        return done;
      }),
    );

  return {
    ...{ name, db, oneByOne },
    now: sql.raw(NOW[bytes]),
    transaction,
    locked: (study, action, beside) =>
      transaction(async (by) => {
        const query = sql<StudyRow>`select * from study where name = ${study} ${locking}`;
        const [[found], others] = await atOnce(by.tx, query.compile(by.tx), beside?.(by.tx).compile());
        return found && action(by, wholeStudy(found), others);
      }),
    whole: {
      study: wholeStudy,
      trial: (row) => JSON.parse(whole(row, trialParts(row), `trial ${row.number}`).record) as TrialRecord,
      point: (row) => whole(row, pointParts(row), `an evaluation of trial ${row.trial}`),
    },
    lost: (what) =>
      workError(`${what} must be in ${name}, but is gone: the store is damaged; restore a copy`),
    async [Symbol.asyncDispose]() {
      closing = true; // what went wrong before says more
      await hearing[Symbol.asyncDispose]();
      await oneByOne(() => db.destroy());
    },
  };
}

/** Asks two things before the first is answered, so that a server is gone to once. The second sees what the first has waited for. */
const atOnce = <One, Other>(tx: Tx, one: CompiledQuery<One>, other?: CompiledQuery<Other>) =>
  tx.getExecutor().provideConnection(async (connection) => {
    const answers = [
      connection.executeQuery<One>(one),
      other && connection.executeQuery<Other>(other),
    ] as const;
    const [ones, others] = await Promise.all(answers);
    return [ones.rows, others?.rows ?? []] as const;
  });
