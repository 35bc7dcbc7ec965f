/* Rows that a transaction writes of a study: each once, as it is at the end, and all of them in one piece. */
import { CompiledQuery, type Transaction } from "kysely";

import type { ByteType, Tables } from "./tables.ts";

/** A transaction. */
export type Tx = Transaction<Tables>;

/** A transaction that writes of one study. */
export interface Change {
  readonly tx: Tx;
  /**
   * Writes a row when the transaction ends, in the place of what was to be written of it before.
   *
   * @param key what tells the row from others of its kind in the study
   * @param values of the statement of its kind, in order
   */
  write(kind: RowKind, key: string | number, values: readonly unknown[]): void;
  /** Sends what is to be written so far: for what is read in this transaction, or done by hand. */
  flush(): Promise<void>;
}

/** What rows are written by. */
export type RowKind = "study" | "trial" | "point" | "decision" | "began" | "heard";

/** A database's clock in SQL, in seconds since 1970. */
export const NOW: Readonly<Record<ByteType, string>> = {
  blob: "unixepoch('subsec')",
  bytea: "extract(epoch from clock_timestamp())",
};

/** The change that a transaction makes. */
export function changeBy(tx: Tx, bytes: ByteType): Change {
  const rows = new Map<string, readonly [kind: RowKind, values: readonly unknown[]]>();
  return {
    tx,
    write: (kind, key, values) => void rows.set(`${kind} ${key}`, [kind, values]),
    async flush() {
      const all = [...rows.values()];
      rows.clear();
      for (let at = 0; at < all.length; at += AT_ONCE[bytes]) {
        const some = all.slice(at, at + AT_ONCE[bytes]);
        const kinds = some.map(([kind]) => kind);
        const values = some.flatMap(([, ofOne]) => ofOne);
        await tx.executeQuery(CompiledQuery.raw(textOf(bytes, kinds), values));
      }
    },
  };
}

/** Rows that one statement writes at most: SQLite has no more, and PostgreSQL keeps a plan for each number of each kind. */
const AT_ONCE: Readonly<Record<ByteType, number>> = { blob: 1, bytea: 10 };

const statements: Readonly<Record<RowKind, string>> = {
  study: "update study set state = ?, revision = ?, model = ?, trials = ?, sum = ? where name = ?",
  // whoever trains it stays the same where nobody else is named
  trial: `insert into trial (study, number, revision, state, attempt, checkpoint, record, sum, worker, beats) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
    on conflict (study, number) do update set revision = excluded.revision, state = excluded.state, attempt = excluded.attempt, checkpoint = excluded.checkpoint,
    record = excluded.record, sum = excluded.sum, worker = case when excluded.state = 'running' then coalesce(excluded.worker, trial.worker) end`,
  point: `insert into point (study, trial, budget, seq, point, sum) values (?, ?, ?, ?, ?, ?)
    on conflict (study, trial, budget) do update set seq = excluded.seq, point = excluded.point, sum = excluded.sum`,
  decision: "insert into decision (study, seq, decision) values (?, ?, ?)",
  began:
    "insert into segment (study, trial, attempt, worker, start, began, heard) values (?, ?, ?, ?, ?, NOW, NOW)",
  heard: "update segment set heard = NOW, ended = ? where study = ? and trial = ? and attempt = ?",
};

const texts = new Map<string, string>();

/** The statement that writes some rows. No two may be the same one: it would change by the first alone. */
function textOf(bytes: ByteType, kinds: readonly RowKind[]): string {
  const key = `${bytes} ${kinds.join()}`;
  const text =
    texts.get(key) ??
    (bytes === "blob" ? statements[kinds[0] as RowKind] : together(kinds)).replaceAll("NOW", NOW[bytes]);
  texts.set(key, text);
  return text;
}

/** PostgreSQL's one statement for several. */
function together(kinds: readonly RowKind[]): string {
  let values = 0;
  const parts = kinds.map(
    (kind, i) => `r${i} as (${statements[kind].replaceAll("?", () => `$${++values}`)})`,
  );
  return `with ${parts.join(", ")} select`;
}
