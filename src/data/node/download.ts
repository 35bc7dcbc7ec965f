import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

import { inputError, workError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { makeFolders } from "./make-folders.ts";
import { gunzip, isGzip, type NamedBytes } from "../named-bytes.ts";

/** A published file, and where it shall be. */
export interface PublishedFile {
  /** The address of the file or of its gzip form. */
  readonly url: string;
  /** The SHA-256 sum of its uncompressed content, in hexadecimal digits. */
  readonly sha256: string;
  /** Whether that is the sum of the file as it is at the address instead, which then stays as it is. */
  readonly summed?: "as it is";
  /** The path without `.gz`, which is appended where the server sends the gzip form. */
  readonly path: string;
}

/** How far the transfer of one file is. */
export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Bytes in all, where the server says so. */
  readonly total?: number;
}

/** What a download needs from outside. */
export interface DownloadOptions {
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the transfer; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Fetches a file unless it is there with the right content; it appears under its name only when it is whole and has the
 * published checksum.
 *
 * @throws {HypertrainError} if its folder cannot be written to, the server cannot be reached or answers with an error, or the
 * checksum differs.
 */
export async function downloadFile(file: PublishedFile, options: DownloadOptions = {}): Promise<void> {
  if (await isThere(file)) return;
  await makeFolder(dirname(file.path));
  if (!file.url.startsWith("https:")) {
    throw inputError(
      `a download must come over https, but its address is ${file.url.slice(0, 80)}; name another`,
    );
  }
  const bytes = await transfer(file, options);
  await requireChecksum({ name: file.url, bytes }, file);
  await writeWhole(isGzip(bytes) ? `${file.path}.gz` : file.path, bytes);
}

async function isThere({ path, sha256, summed }: PublishedFile): Promise<boolean> {
  for (const name of [path, `${path}.gz`]) {
    const bytes = await readFile(name).catch(() => undefined);
    if (bytes && (await checksum({ name, bytes }, summed)) === sha256) return true;
  }
  return false;
}

const makeFolder = (folder: string): Promise<void> =>
  makeFolders(folder).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? `${dirname(cause.path ?? folder)} takes no folders` : cause.message;
    throw inputError(
      `the directory ${folder} must be one to write to, but ${why}; name another with ${optionText("dataDir")}`,
      { cause },
    );
  });

async function transfer(
  { url, path }: PublishedFile,
  { fetch = globalThis.fetch, signal, onProgress }: DownloadOptions,
): Promise<Uint8Array> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    const total = Number(response.headers.get("content-length") ?? NaN);
    const known = Number.isFinite(total) ? { total } : {};
    return await collect(response, (received) => onProgress?.({ file: basename(path), received, ...known }));
  } catch (cause) {
    signal?.throwIfAborted();
    const { message } = cause as Error;
    throw workError(`${url} must be downloaded, but ${message}; try again or get the file by other means`, {
      cause,
    });
  }
}

async function collect(response: Response, onBytes: (received: number) => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    received += chunk.length;
    onBytes(received);
  }
  return Buffer.concat(chunks);
}

async function requireChecksum(file: NamedBytes, { sha256, summed }: PublishedFile): Promise<void> {
  const found = await checksum(file, summed);
  if (found !== sha256) {
    throw workError(
      `${file.name} must have the SHA-256 sum ${sha256}${summed ? "" : " when uncompressed"}, but what came has ${found}; nothing was written, try again`,
    );
  }
}

const checksum = (file: NamedBytes, summed: PublishedFile["summed"]): Promise<string> =>
  (summed ? Promise.resolve(file) : gunzip(file)).then(
    ({ bytes }) => createHash("sha256").update(bytes).digest("hex"),
    () => "none, since it is damaged",
  );

/** Writes beside the file and renames, so that its name never stands for a part of it. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.part`;
  try {
    await writeFile(aside, bytes);
    await rename(aside, path);
  } catch (cause) {
    throw workError(`${path} could not be written: ${(cause as Error).message}`, { cause });
  } finally {
    await rm(aside, { force: true });
  }
}
