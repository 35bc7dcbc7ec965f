import { inputError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";

/** Demands a name that can be read, and be a part of an address. @throws {HypertrainError} */
export function demandStudyName(name: string): void {
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
  if (name.trim() !== "" && name !== "." && name !== ".." && name.length <= 200 && !unseen.test(name)) return;
  const long = name.length > 200 ? `${name.length}: ` : "";
  throw inputError(
    `a study's name must be 1 to 200 characters that can be seen, and not "." or "..", but got ${long}"${oneLine(name)}"; choose another`,
  );
}
