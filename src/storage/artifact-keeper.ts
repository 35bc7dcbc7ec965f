import { inputError, workError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import type { ArtifactPlaces } from "./artifact-places.ts";
import { IN_DATABASE, keyOf, roomOf } from "./artifact-store.ts";
import { digestOf, modelOf, type Held } from "./changes.ts";
import type { Fence, HeldReading, InRoom } from "./fence.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Claim } from "./storage.ts";
import type { Tables } from "./tables.ts";
import type { Change, Tx } from "./writes.ts";

/**
 * Keeps the artifacts of studies beside the rows that name them.
 *
 * Bytes come first and the row that names them second, so that no row names what is not there. Before the bytes, a row of `artifact`
 * announces them, with the claim of their writer. It is removed when nothing names them and that claim is over, and the bytes after it, by
 * way of `garbage`. So whoever dies in between, nothing is lost, and nothing is left for ever.
 */
export interface ArtifactKeeper {
  /** Makes a study's room. @param given the place, as people say it */
  begin(study: string, given: string): Promise<StudyPlace>;
  /** Demands that a study's artifacts can be read and written from here. @param given where they must be, as people say it */
  demand(study: string, given: string | undefined): Promise<void>;
  /** A fenced change that names bytes. @returns whether the claim holds */
  naming<Row extends InRoom = InRoom & Tables["trial"]>(
    claim: Claim,
    offers: readonly Offer[],
    change: (held: Held) => Promise<void>,
    how?: Tables["segment"]["ended"],
    reading?: HeldReading<Row>,
  ): Promise<boolean>;
  /** @param study undefined for whichever has them */
  read(study: string | undefined, sha: string): Promise<Uint8Array | undefined>;
  /** Removes bytes whose rows were removed. @returns the places that are out of reach, where somebody does it later */
  clear(): Promise<readonly string[]>;
}

/** Where a study's artifacts lie. */
export type StudyPlace = Pick<Tables["place"], "artifacts" | "room">;

/** Bytes that a change may name. */
export interface Offer {
  readonly sha: string;
  readonly bytes: Uint8Array;
  /** Whether the change would name them; default true. */
  wanted?(held: Held): boolean;
}

/** A keeper for a database. */
export function artifactKeeper(database: SqlDatabase, fenced: Fence, places: ArtifactPlaces): ArtifactKeeper {
  const parts: KeeperParts = { database, fenced, places };
  return {
    async begin(study, given) {
      const artifacts = places.stored(given);
      const room = roomOf(study);
      await (await places.open(artifacts)).begin(room);
      return { artifacts, room };
    },
    async demand(study, given) {
      const place = await database.oneByOne(() => placeOf(study, database.db));
      if (!place) return; // whoever asks for the study itself says that it is not there
      if (given !== undefined && places.stored(given) !== place.artifacts) {
        throw inputError(
          `the artifacts of "${study}" must stay where they are, in ${place.artifacts}, but got ${places.stored(given)}; leave that out, or choose another name for the study (${optionText("study")})`,
        );
      }
      await (await places.open(place.artifacts)).demand(place.room);
    },
    async naming(claim, offers, change, how, reading) {
      const written = offers.length === 0 ? NONE : await write(parts, claim, offers);
      if (!written) return false;
      let sweeps = offers.length > 0;
      const done = await fenced(
        claim,
        async (held) => {
          sweeps ||= held.record.checkpoint !== undefined;
          await nameKeys(held, written.keys);
          await change(held);
          if (sweeps) await sweep(held, held.study);
        },
        how,
        reading,
      ).catch((error: unknown) => {
        if (error === GONE) return false;
        throw error;
      });
      if (!done && written.keys.length > 0) await giveUp(parts, written);
      if (sweeps) await clear(parts);
      return done;
    },
    read: (study, sha) => read(parts, study, sha),
    clear: () => clear(parts),
  };
}

/** What a keeper works with. */
interface KeeperParts {
  readonly database: SqlDatabase;
  readonly fenced: Fence;
  readonly places: ArtifactPlaces;
}

const placeOf = (study: string, db: SqlDatabase["db"]): Promise<StudyPlace | undefined> =>
  db.selectFrom("place").select(["artifacts", "room"]).where("study", "=", study).executeTakeFirst();

/** Writes the bytes that are wanted. @returns nothing where the claim does not hold */
async function write(
  { database, fenced, places }: KeeperParts,
  claim: Claim,
  offers: readonly Offer[],
): Promise<Written | undefined> {
  let announced: (Written & { readonly wanted: readonly Offer[] }) | undefined;
  const { study, trial, attempt } = claim;
  await fenced(claim, async (held) => {
    const place = await placeOf(study, held.tx);
    if (!place) throw database.lost(`the place of the artifacts of "${study}"`);
    const wanted = offers.filter((offer) => offer.wanted?.(held) ?? true);
    const rows = wanted.map(({ sha }) => ({
      ...{ study, sha, trial, attempt },
      key: keyOf(place.room, sha),
    }));
    if (rows.length > 0) await held.tx.insertInto("artifact").values(rows).execute();
    announced = { artifacts: place.artifacts, keys: rows.map(({ key }) => key), wanted };
  });
  if (!announced) return undefined;
  const { artifacts, keys, wanted } = announced;
  try {
    const store = await places.open(artifacts);
    for (const [i, { bytes }] of wanted.entries()) await store.put(keys[i] as string, bytes);
  } catch (error) {
    if (await fenced(claim, () => Promise.resolve())) throw error;
    return undefined; // they were cleared away under its hands, as the trial went on elsewhere
  }
  return { artifacts, keys };
}

/** Lets bytes be cleared away whose rows are gone: their writer had lost its claim. */
const giveUp = ({ database: { db, oneByOne } }: KeeperParts, { artifacts, keys }: Written): Promise<void> =>
  oneByOne(() =>
    db.transaction().execute(async (tx) => {
      const rows = await tx.selectFrom("artifact").select("key").where("key", "in", keys).execute();
      const there = new Set(rows.map(({ key }) => key)); // to be swept, or named: the change was made, and the answer got lost
      await discard(
        tx,
        artifacts,
        keys.filter((key) => !there.has(key)),
      );
    }),
  );

/** Removes bytes whose rows were removed. @returns the places that are out of reach */
async function clear({ database: { db, oneByOne }, places }: KeeperParts): Promise<readonly string[]> {
  const missed = new Set<string>();
  for (const { key, artifacts } of await oneByOne(() => db.selectFrom("garbage").selectAll().execute())) {
    try {
      const store = await places.open(artifacts);
      await (key.endsWith("/") ? store.clear(key.slice(0, -1)) : store.remove(key));
    } catch {
      missed.add(artifacts); // whoever reaches the place does it
      continue;
    }
    await oneByOne(() => db.deleteFrom("garbage").where("key", "=", key).execute());
  }
  return [...missed];
}

/**
 * The bytes of a digest.
 *
 * @param study undefined for whichever has them
 */
async function read(
  { database: { name, db, oneByOne }, places }: KeeperParts,
  study: string | undefined,
  sha: string,
): Promise<Uint8Array | undefined> {
  const rowsKept = () =>
    oneByOne(() =>
      db
        .selectFrom("artifact")
        .innerJoin("place", "place.study", "artifact.study")
        .select(["artifact.study", "key", "artifacts"])
        .where("sha", "=", sha)
        .$if(study !== undefined, (query) => query.where("artifact.study", "=", study as string))
        .execute(),
    );
  const rows = await rowsKept();
  let differs = false;
  for (const { key, artifacts } of rows) {
    const bytes = await (await places.open(artifacts)).get(key);
    if (bytes && digestOf(bytes) === sha) return bytes;
    differs ||= bytes !== undefined;
  }
  const [first] = await rowsKept(); // none where they were replaced meanwhile
  if (!first || !rows.some(({ key }) => key === first.key)) return undefined;
  const where = first.artifacts === IN_DATABASE ? name : first.artifacts;
  const what = `the bytes ${sha.slice(0, 12)} of "${first.study}"`;
  throw workError(
    differs
      ? `${what} must be as hypertrain wrote them, but differ from their digest: ${where} is damaged; restore a copy`
      : `${what} must be in ${where}, but are gone; restore a copy, or delete the study`,
  );
}

/** Bytes that lie in their place, and are announced, but not named yet. */
interface Written {
  readonly artifacts: string;
  readonly keys: readonly string[];
}

const NONE: Written = { artifacts: "", keys: [] };

/** Why a change is taken back: the rows of its bytes are gone, as its study was deleted, and another one of the same name begun. */
const GONE = new Error("internal: the rows of artifacts are gone");

/** Notes that bytes have been named, and are kept as long as they are. */
async function nameKeys({ tx, study }: Held, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const named = await tx
    .updateTable("artifact")
    .set({ trial: null, attempt: null })
    .where("study", "=", study)
    .where("key", "in", keys)
    .returning("key")
    .execute();
  if (named.length < keys.length) throw GONE;
}

/** Removes the rows of a study's artifacts that nothing names, except where their writer still has its claim. */
export async function sweep({ tx, flush }: Change, study: string): Promise<void> {
  await flush(); // what is named by now
  const { model } = await tx
    .selectFrom("study")
    .select("model")
    .where("name", "=", study)
    .executeTakeFirstOrThrow();
  const rows = await tx
    .selectFrom("artifact")
    .innerJoin("place", "place.study", "artifact.study")
    .leftJoin("trial", (join) =>
      join
        .onRef("trial.study", "=", "artifact.study")
        .onRef("trial.number", "=", "artifact.trial")
        .onRef("trial.attempt", "=", "artifact.attempt")
        .on("trial.state", "=", "running"),
    )
    .select(["key", "artifacts"])
    .where("artifact.study", "=", study)
    .where("trial.number", "is", null)
    .where("sha", "!=", modelOf(model)?.sha ?? "")
    .where("sha", "not in", (query) =>
      query
        .selectFrom("trial as one")
        .select("one.checkpoint")
        .where("one.study", "=", study)
        .where("one.checkpoint", "is not", null),
    )
    .execute();
  const [first] = rows;
  if (!first) return;
  const keys = rows.map(({ key }) => key);
  await tx.deleteFrom("artifact").where("study", "=", study).where("key", "in", keys).execute();
  await discard(tx, first.artifacts, keys);
}

/** Lets bytes be cleared away. @param keys of bytes, or of a room with a slash at its end */
export async function discard(tx: Tx, artifacts: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .insertInto("garbage")
    .values(keys.map((key) => ({ key, artifacts })))
    .onConflict((clash) => clash.doNothing())
    .execute();
}
