import { inputError, type HypertrainError } from "../util/error.ts";
import { isRecord } from "../util/record.ts";
import { demandGiven } from "../util/given.ts";
import { someBytes, type ValueRule } from "../util/rule.ts";

/** A file's content with the name that errors call it by. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The most bytes that a packed file may unpack to. */
export const MOST_UNPACKED = 2 ** 29;

/** Undoes gzip; `size` is the length to expect, at least 64, which a damaged file may have wrong. */
export type Inflate = (bytes: Uint8Array, size: number) => Uint8Array | Promise<Uint8Array>;

/**
 * The uncompressed content of a file that may be gzip; a file that is not comes back as it is.
 *
 * @param inflate default what browsers have, too
 * @throws {HypertrainError} if the gzip data is damaged or incomplete.
 */
export async function gunzip(file: NamedBytes, inflate: Inflate = inflateStream): Promise<NamedBytes> {
  demandGiven("gunzip", { file }, { file: aFile });
  if (!isGzip(file.bytes)) return file;
  try {
    const bytes = await inflate(file.bytes, sizeInTrailer(file.bytes));
    return { name: file.name.replace(/\.gz$/, ""), bytes };
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE" || cause instanceof RangeError) {
      throw inputError(
        `${file.name} must unpack to at most ${MOST_UNPACKED / 2 ** 20} MiB, but unpacks to more; check that it is the right file, or split it`,
        { cause },
      );
    }
    throw inputError(`${file.name} must be a whole gzip file, but it is damaged or cut short; get it again`, {
      cause,
    });
  }
}

async function inflateStream(bytes: Uint8Array): Promise<Uint8Array> {
  let total = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      total += chunk.length;
      if (total > MOST_UNPACKED) controller.error(new RangeError("too long"));
      else controller.enqueue(chunk);
    },
  });
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]) // no shared memory here, which is all the type excludes
    .stream()
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(limit);
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
 * @throws {HypertrainError} if it is not UTF-8, naming what it seems to be, or longer than a text can be.
 */
export function textOf({ name, bytes }: NamedBytes): string {
  if (bytes.length > LONGEST_TEXT) {
    throw inputError(
      `${name} must be at most 512 MB of text, but has ${Math.ceil(bytes.length / 1e6)} MB; split it, or save it as Parquet`,
    );
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.slice(0, 1000).includes("\0")) return text;
  } catch (cause) {
    throw wrongEncoding(name, bytes, cause);
  }
  throw wrongEncoding(name, bytes);
}

/** The longest string of JavaScript engines. */
const LONGEST_TEXT = 2 ** 29 - 24;

function wrongEncoding(name: string, bytes: Uint8Array, cause?: unknown): HypertrainError {
  const encoding = encodingOf(bytes);
  const [seems, advice] = encoding
    ? [encoding.name, `save it as UTF-8, for example with iconv -f ${encoding.iconv} -t UTF-8`]
    : ["no text", "check that it is the right file"];
  return inputError(`${name} must be text in UTF-8, but seems to be ${seems}; ${advice}`, { cause });
}

/** What bytes that are not UTF-8 seem to be; undefined for what is no text. */
function encodingOf(bytes: Uint8Array): { readonly name: string; readonly iconv: string } | undefined {
  const start = bytes.subarray(0, 1000);
  const zeros = (odd: number) => start.filter((byte, i) => byte === 0 && i % 2 === odd).length;
  const wide = { name: "UTF-16", iconv: "UTF-16" };
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) return wide;
  if (3 * zeros(1) > start.length && zeros(0) === 0) return { ...wide, iconv: "UTF-16LE" };
  if (3 * zeros(0) > start.length && zeros(1) === 0) return { ...wide, iconv: "UTF-16BE" };
  const control = start.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
  return control ? undefined : { name: "Latin-1 (Windows-1252)", iconv: "WINDOWS-1252" };
}

/** What a file in memory must be. */
export const aFile: ValueRule<NamedBytes> = {
  must: "a file in memory, { name, bytes }",
  holds: (value) => isRecord(value) && typeof value.name === "string" && someBytes.holds(value.bytes),
};
