import { inputError } from "../util/error.ts";
import type { NamedBytes } from "./named-bytes.ts";

/**
 * The files of an uncompressed tar archive by the last part of their names, as views of it.
 *
 * @throws {HypertrainError} if it is none, or cut off.
 */
export function untar({ name, bytes }: NamedBytes): ReadonlyMap<string, NamedBytes> {
  const files = new Map<string, NamedBytes>();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const path = text(bytes, at, 100);
    const size = Number.parseInt(text(bytes, at + 124, 12).trim() || "0", 8);
    const from = at + BLOCK;
    if (!Number.isFinite(size) || text(bytes, at + 257, 5) !== "ustar" || from + size > bytes.length) {
      throw inputError(`${name} must be a whole tar archive, but is none from byte ${at} on; get it again`);
    }
    if (["0", ""].includes(text(bytes, at + 156, 1))) {
      files.set(path.split("/").at(-1) as string, {
        name: `${path} in ${name}`,
        bytes: bytes.subarray(from, from + size),
      });
    }
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const BLOCK = 512;

/** ASCII up to the first zero byte. */
function text(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return String.fromCharCode(...(end < 0 ? field : field.subarray(0, end)));
}
