import { inputError } from "../util/error.ts";

/** A file's content with the name that errors call it by. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Undoes gzip; `size` is the length to expect, at least 64, which a damaged file may have wrong. */
export type Inflate = (bytes: Uint8Array, size: number) => Uint8Array | Promise<Uint8Array>;

/**
 * The uncompressed content of a file that may be gzip; a file that is not comes back as it is.
 *
 * @param inflate default what browsers have, too
 * @throws {HypertrainError} if the gzip data is damaged or incomplete.
 */
export async function gunzip(file: NamedBytes, inflate: Inflate = inflateStream): Promise<NamedBytes> {
  if (!isGzip(file.bytes)) return file;
  try {
    const bytes = await inflate(file.bytes, sizeInTrailer(file.bytes));
    return { name: file.name.replace(/\.gz$/, ""), bytes };
  } catch (cause) {
    throw inputError(`${file.name} must be a whole gzip file, but it is damaged or cut short; get it again`, {
      cause,
    });
  }
}

async function inflateStream(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]) // no shared memory here, which is all the type excludes
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The length that the last four bytes of a gzip file name; that of its last part, where it has several. */
function sizeInTrailer({ buffer, byteOffset, byteLength }: Uint8Array): number {
  const named = byteLength < 4 ? 0 : new DataView(buffer, byteOffset).getUint32(byteLength - 4, true);
  return Math.min(Math.max(named, 64), 2 ** 28);
}

/** Whether bytes start as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * A file's content as text, without a byte order mark.
 *
 * @throws {HypertrainError} if it is not UTF-8.
 */
export function textOf({ name, bytes }: NamedBytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw inputError(`${name} must be text in UTF-8, but holds other bytes; save it as UTF-8`, { cause });
  }
}
