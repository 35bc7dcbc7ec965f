import { crc32 } from "node:zlib";

import { crcDigits } from "../util/crc32.ts";
import { workError } from "../util/error.ts";

/** The checksum of a row's parts. */
export const sumOf = (parts: readonly unknown[]): string => crcDigits(crc32(JSON.stringify(parts)));

/**
 * Lets rows of a store pass whose checksum is that of their parts.
 *
 * @param store its name in messages
 */
export function unlessDamaged(store: string) {
  return <T extends { readonly sum: string }>(row: T, parts: readonly unknown[], what: string): T => {
    if (row.sum === sumOf(parts)) return row;
    throw workError(
      `${what} in ${store} must be as hypertrain wrote it, but its checksum differs: the store is damaged, or was changed by hand; restore a copy`,
    );
  };
}
