import { inputError } from "../util/error.ts";

/** A file's content with the name that errors call it by. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The uncompressed content of a file that may be gzip; a file that is not comes back as it is.
 *
 * @throws {HypertrainError} if the gzip data is damaged or incomplete.
 */
export async function gunzip(file: NamedBytes): Promise<NamedBytes> {
  if (!isGzip(file.bytes)) return file;
  const stream = new Blob([file.bytes as Uint8Array<ArrayBuffer>]) // no shared memory here, which is all the type excludes
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  try {
    return { name: file.name.replace(/\.gz$/, ""), bytes: await collect(stream, sizeInTrailer(file.bytes)) };
  } catch (cause) {
    throw inputError(`${file.name} must be a whole gzip file, but it is damaged or cut short; get it again`, {
      cause,
    });
  }
}

/** The length that the last four bytes of a gzip file name; that of its last part, where it has several. */
const sizeInTrailer = ({ buffer, byteOffset, byteLength }: Uint8Array): number =>
  byteLength < 4 ? 0 : new DataView(buffer, byteOffset).getUint32(byteLength - 4, true);

/** Piece by piece into one array, so that the pieces of a large file need not be held as well. */
async function collect(stream: ReadableStream<Uint8Array>, expected: number): Promise<Uint8Array> {
  let bytes = new Uint8Array(Math.min(expected, MOST_AT_ONCE));
  let length = 0;
  for await (const piece of stream) {
    if (length + piece.length > bytes.length) {
      const larger = new Uint8Array(Math.max(length + piece.length, 2 * bytes.length));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}

const MOST_AT_ONCE = 2 ** 28; // a damaged trailer may name any size

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
