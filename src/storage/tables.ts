import { sql, type Kysely } from "kysely";

import { inputError, workError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import { IN_DATABASE, roomOf } from "./artifact-store.ts";
import { CUT_SHORT } from "./sqlite.ts";

/** The version of the tables; raised with every change of them. */
export const VERSION = 3;

/** What databases call bytes, by which the two kinds differ in their words as well. */
export type ByteType = "blob" | "bytea";

/** The tables of a storage. `sum` is a checksum of its row; texts named `record`, `config`, `model`, `point`, `decision` and `wanted` are JSON. */
export interface Tables {
  hypertrain: { version: number };
  study: {
    name: string;
    config: string;
    state: "open" | "done" | "stopped";
    revision: number;
    model: string | null;
    /** How many there are. */
    trials: number;
    sum: string;
  };
  trial: {
    study: string;
    number: number;
    revision: number;
    /** That of the record, by which running trials are found. */
    state: string;
    attempt: number;
    worker: string | null;
    beats: number;
    /** The digest of the snapshot that it goes on from. */
    checkpoint: string | null;
    record: string;
    sum: string;
  };
  point: { study: string; trial: number; budget: number; seq: number; point: string; sum: string };
  decision: { study: string; seq: number; decision: string };
  /** Values that wait for a trial, in order. */
  enqueued: { study: string; seq: number; wanted: string };
  /** Where a study's artifacts lie: `sql` for the table `chunk`, `file:DIR` or `s3://BUCKET/PREFIX`, and their room there. */
  place: { study: string; artifacts: string; room: string };
  /** Bytes by their digest; `trial` and `attempt` are the claim of whoever writes them, until something names them. */
  artifact: { study: string; key: string; sha: string; trial: number | null; attempt: number | null };
  chunk: { room: string; name: string; n: number; data: Uint8Array };
  /** Bytes to be removed: by their key, or all of a room, which ends with a slash. */
  garbage: { key: string; artifacts: string };
  /** Who trained what when, by the database's clock, in seconds since 1970: for people; nothing is decided by it. */
  segment: {
    study: string;
    trial: number;
    attempt: number;
    worker: string;
    /** How far the trial was trained before. */
    start: number;
    began: number;
    /** The last that was heard of it. */
    heard: number;
    /** How it ended; null while it is trained. */
    ended: "trained" | "failed" | "handed back" | "died" | null;
  };
  /** What people wrote; of the study itself where the trial is -1. */
  note: { study: string; trial: number; text: string };
}

/**
 * Demands tables that can be read as they are.
 *
 * @throws {HypertrainError} for tables of another version.
 */
export async function demandTables(db: Kysely<Tables>, name: string): Promise<void> {
  const found = await db.selectFrom("hypertrain").select("version").executeTakeFirst();
  if (found?.version === VERSION) return;
  if (found?.version !== VERSION - 1) throw ofAnotherVersion(name, found?.version ?? 0);
  throw inputError(
    `${name} must be written to once, since its tables are of the version before, but it can only be read; copy it to where it can be written to`,
  );
}

/**
 * Makes the tables where there are none.
 *
 * @param bytes the database's type for bytes
 * @throws {HypertrainError} for tables of another version.
 */
export async function makeTables(db: Kysely<Tables>, bytes: ByteType, name: string): Promise<void> {
  const statements = [
    sql`create table if not exists hypertrain (version integer not null)`,
    sql`create table if not exists study (name text primary key, config text not null, state text not null, revision integer not null, model text, trials integer not null, sum text not null)`,
    sql`create table if not exists trial (study text not null references study (name) on delete cascade, number integer not null, revision integer not null,
      state text not null, attempt integer not null, worker text, beats integer not null, checkpoint text, record text not null, sum text not null, primary key (study, number))`,
    sql`create index if not exists trial_revision on trial (study, revision)`,
    sql`create table if not exists point (study text not null references study (name) on delete cascade, trial integer not null, budget double precision not null,
      seq integer not null, point text not null, sum text not null, primary key (study, trial, budget))`,
    sql`create table if not exists decision (study text not null references study (name) on delete cascade, seq integer not null, decision text not null,
      primary key (study, seq))`,
    sql`create table if not exists enqueued (study text not null references study (name) on delete cascade, seq integer not null, wanted text not null,
      primary key (study, seq))`,
    sql`create table if not exists place (study text primary key references study (name) on delete cascade, artifacts text not null, room text not null)`,
    sql`create table if not exists artifact (study text not null references study (name) on delete cascade, key text not null, sha text not null,
      trial integer, attempt integer, primary key (study, key))`,
    sql`create table if not exists chunk (room text not null, name text not null, n integer not null, data ${sql.raw(bytes)} not null, primary key (room, name, n))`,
    sql`create table if not exists garbage (key text primary key, artifacts text not null)`,
    // those of before lack the last two, which are added without a new version
    sql`create table if not exists segment (study text not null references study (name) on delete cascade, trial integer not null, attempt integer not null,
      worker text not null, start double precision not null, began double precision not null, heard double precision not null, ended text,
      primary key (study, trial, attempt))`,
    sql`create table if not exists note (study text not null references study (name) on delete cascade, trial integer not null, text text not null,
      primary key (study, trial))`,
  ];
  if (bytes === "bytea") statements.push(telling);
  await db.transaction().execute(async (tx) => {
    if (bytes === "bytea") await sql`select pg_advisory_xact_lock(hashtext('hypertrain'))`.execute(tx);
    const others = await clashesIn(tx, bytes);
    if (others.length > 0) {
      throw inputError(
        `a store must be empty or hypertrain's own, but ${name} holds tables of another program: ${oneLine(others.join(", "))}; choose another place`,
      );
    }
    await statements[0]?.execute(tx);
    const found = await tx.selectFrom("hypertrain").select("version").executeTakeFirst();
    const ofBefore = found?.version === VERSION - 1;
    if (found && found.version !== VERSION && !ofBefore) {
      throw ofAnotherVersion(name, found.version);
    }
    if (ofBefore) await sql`alter table artifact rename to artifact_2`.execute(tx);
    for (const statement of statements.slice(1)) await statement.execute(tx);
    if (ofBefore) await placeArtifacts(tx);
    if (found)
      await tx.updateTable("hypertrain").set({ version: VERSION }).where("version", "!=", VERSION).execute();
    else await tx.insertInto("hypertrain").values({ version: VERSION }).execute();
  });
}

const ofAnotherVersion = (name: string, version: number) =>
  Number.isInteger(version)
    ? inputError(
        `${name} must be of this version of hypertrain, whose tables are no. ${VERSION}, but its tables are no. ${version}; use the version that made it, or another place`,
      )
    : workError(`the store ${name} ${CUT_SHORT}`); // SQLite finds no version where a page is missing

/** Moves the bytes of tables no. 2, which had them in rows of their studies, to where they lie now. */
async function placeArtifacts(tx: Kysely<Tables>): Promise<void> {
  for (const { name } of await tx.selectFrom("study").select("name").execute()) {
    const room = roomOf(name);
    await tx.insertInto("place").values({ study: name, artifacts: IN_DATABASE, room }).execute();
    await sql`insert into artifact (study, key, sha) select study, ${room} || '/' || sha || '-00000000', sha from artifact_2 where study = ${name}`.execute(
      tx,
    );
    await sql`insert into chunk (room, name, n, data) select ${room}, sha || '-00000000', 0, bytes from artifact_2 where study = ${name}`.execute(
      tx,
    );
  }
  await sql`drop table artifact_2`.execute(tx);
}

/**
 * Lets PostgreSQL tell who listens to `hypertrain` of every change when it is committed: "segments" where a trial began or ended, values
 * wait, or a study was stopped or goes on, and "points" otherwise.
 */
const telling = sql.raw(`do $do$ begin
  if exists (select from pg_trigger where tgname = 'hypertrain_points' and tgrelid = 'study'::regclass) then return; end if;
  create or replace function hypertrain_tell() returns trigger language plpgsql as $tell$
    begin perform pg_notify('hypertrain', tg_argv[0]); return null; end $tell$;
  create trigger hypertrain_segments after update on trial for each row
    when (old.state is distinct from new.state) execute function hypertrain_tell('segments');
  create trigger hypertrain_trials after insert on trial for each row execute function hypertrain_tell('segments');
  create trigger hypertrain_enqueued after insert on enqueued for each row execute function hypertrain_tell('segments');
  create trigger hypertrain_states after update on study for each row
    when (old.state is distinct from new.state) execute function hypertrain_tell('segments');
  create trigger hypertrain_points after insert or update or delete on study for each row execute function hypertrain_tell('points');
end $do$`);

const OWN = [
  "hypertrain",
  "study",
  "trial",
  "point",
  "decision",
  "enqueued",
  "place",
  "artifact",
  "chunk",
  "garbage",
  "segment",
  "note",
];

/** Tables of another program that have names of ours: there are none where the table `hypertrain` says that all are ours. */
async function clashesIn(tx: Kysely<Tables>, bytes: ByteType): Promise<readonly string[]> {
  const { rows } = await (
    bytes === "bytea"
      ? sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`
      : sql<{ name: string }>`select name from sqlite_master where type = 'table'`
  ).execute(tx);
  const tables = rows.map(({ name }) => name);
  return tables.includes("hypertrain") ? [] : tables.filter((name) => OWN.includes(name));
}
