import { partsOfKey, type ArtifactStore } from "./artifact-store.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Bytes of one row at most: of a large snapshot no database has to take, or a network to carry, all at once. */
const CHUNK = 1 << 20;

/** Artifacts in the database that the studies are in. */
export function sqlArtifacts({ name, db, oneByOne }: SqlDatabase): ArtifactStore {
  return {
    name,
    begin: () => Promise.resolve(),
    demand: () => Promise.resolve(),
    put: (key, bytes) =>
      oneByOne(() =>
        db.transaction().execute(async (tx) => {
          for (let n = 0; n === 0 || n * CHUNK < bytes.length; n++) {
            const row = { ...partsOfKey(key), n, data: bytes.subarray(n * CHUNK, (n + 1) * CHUNK) };
            await tx
              .insertInto("chunk")
              .values(row)
              .onConflict((clash) => clash.doNothing()) // it was written, and the answer got lost
              .execute();
          }
        }),
      ),
    get: (key) =>
      oneByOne(async () => {
        const { room, name: own } = partsOfKey(key);
        const chunks = await db
          .selectFrom("chunk")
          .select("data")
          .where("room", "=", room)
          .where("name", "=", own)
          .orderBy("n")
          .execute();
        return chunks.length === 0
          ? undefined
          : new Uint8Array(Buffer.concat(chunks.map(({ data }) => data)));
      }),
    async remove(key) {
      const { room, name: own } = partsOfKey(key);
      await oneByOne(() => db.deleteFrom("chunk").where("room", "=", room).where("name", "=", own).execute());
    },
    async clear(room) {
      await oneByOne(() => db.deleteFrom("chunk").where("room", "=", room).execute());
    },
  };
}
