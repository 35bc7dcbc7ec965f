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
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return { name: file.name.replace(/\.gz$/, ""), bytes };
  } catch (cause) {
    throw inputError(`${file.name} must be a whole gzip file, but it is damaged or cut short; get it again`, {
      cause,
    });
  }
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
