import { randomBytes } from "node:crypto";

/**
 * Where the bytes of studies lie: snapshots of trainings, and weights of networks.
 *
 * A key is `ROOM/NAME`: each study has a room of its own, and no name in it is written twice. So a name that nothing refers to can be
 * removed at any time by anybody, whatever others write meanwhile.
 *
 * All methods throw a HypertrainError where the store cannot be reached, or refuses.
 */
export interface ArtifactStore {
  /** What it is called in messages. */
  readonly name: string;
  /** Makes a room. */
  begin(room: string): Promise<void>;
  /** Demands that the room can be read and written from here. */
  demand(room: string): Promise<void>;
  /** Keeps bytes: whole, or not at all. They lie safely when it returns. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Removes bytes, if they are there, with what a writer that died left of them. */
  remove(key: string): Promise<void>;
  /** Removes a room with all that is in it. */
  clear(room: string): Promise<void>;
}

/** The place of artifacts unless another is named: the database itself. */
export const IN_DATABASE = "sql";

/** Whether a text may be a place of artifacts; what is wrong with a bucket's name is said where it is opened. */
export const isArtifactPlace = (text: string): boolean => /^(sql:?$|file:.|s3:\/\/.)/.test(text);

/** The name of a study's room: one that no other has, also of studies of other databases that keep theirs in the same place. */
export const roomOf = (study: string): string =>
  `${study.replace(/[^\w.-]+/g, "_").slice(0, 60)}-${randomBytes(4).toString("hex")}`;

/** A key in a room for bytes of this digest, which nobody has had before. */
export const keyOf = (room: string, sha: string): string =>
  `${room}/${sha}-${randomBytes(4).toString("hex")}`;

/** The two parts of a key. */
export function partsOfKey(key: string): { readonly room: string; readonly name: string } {
  const [room = "", name = ""] = key.split("/");
  return { room, name };
}

/** The names of bytes: their SHA-256 and a mark of whoever wrote them. */
export const ARTIFACT_NAME = /^[0-9a-f]{64}-[0-9a-f]{8}$/;
