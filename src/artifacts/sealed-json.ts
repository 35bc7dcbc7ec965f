/*
 * JSON objects that carry their own checksum as their last field, `crc32`: of all that stands before it.
 */
import { crc32 } from "node:zlib";

import { crcDigits } from "../util/crc32.ts";
import { inputError } from "../util/error.ts";
import { demandGiven } from "../util/given.ts";
import { parseJson } from "../util/json.ts";
import { anyText, named } from "../util/rule.ts";

/** An object's JSON with its checksum; `space` as in `JSON.stringify`. @throws {HypertrainError} for what is no object. */
export function sealJson(document: object, space = 0): string {
  demandGiven("sealJson", { document }, { document: named("values") });
  const text = JSON.stringify(document, null, space);
  const body = text.slice(0, -1).trimEnd();
  const field = `${body === "{" ? "" : ","}${space > 0 ? `\n${" ".repeat(space)}` : ""}"crc32":${space > 0 ? " " : ""}`;
  return `${body}${field}"${crcDigits(crc32(body))}"${space > 0 ? "\n" : ""}}`;
}

/**
 * The object of a text that {@link sealJson} made.
 *
 * @param name what errors call the text
 * @param mended what is to be done about one that is damaged
 * @throws {HypertrainError} where it is damaged.
 */
export function unsealJson(
  text: string,
  name: string,
  mended = "restore it or start the run anew",
): Record<string, unknown> {
  demandGiven("unsealJson", { text, name }, { text: anyText, name: anyText });
  const at = text.lastIndexOf('"crc32":');
  const [, sum] = /^"crc32": ?"([0-9a-f]{8})"\s*\}\s*$/.exec(at < 0 ? "" : text.slice(at)) ?? [];
  const body = text.slice(0, Math.max(at, 0)).trimEnd().replace(/,$/, "");
  if (sum === undefined || crcDigits(crc32(body)) !== sum) {
    throw inputError(
      `${name} must be as hypertrain wrote it, but ${sum === undefined ? "has no checksum: it is damaged, or of another version" : "its checksum differs: it is damaged, or was changed by hand"}; ${mended}`,
    );
  }
  const { crc32: _, ...document } = parseJson(text, name) as Record<string, unknown>; // sealJson writes objects alone
  return document;
}
