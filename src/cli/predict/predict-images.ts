import type { ImageModel } from "../../artifacts/image-model.ts";
import { alikeName } from "../../data/encode-inputs.ts";
import { findImages } from "../../data/node/find-images.ts";
import { cut, listed } from "../../data/quote.ts";
import { lossClause } from "../../report/loss-unit.ts";
import { inputError } from "../../util/error.ts";
import { demandOther } from "../files/written-file.ts";
import type { Answered } from "./answered.ts";

/** Answers for images, which are read a few at a time. @throws {HypertrainError} */
export async function answerImages(
  model: ImageModel,
  places: readonly string[],
  { out, separator }: { readonly out?: string; readonly separator?: string },
): Promise<Answered> {
  if (separator !== undefined) {
    throw inputError("--separator must go with a file of rows, but got images; leave it out");
  }
  const { files, folders, warnings } = await findImages(places);
  if (out !== undefined) await demandOther("--out", out, files);
  const unlike = await model.remarksOn(files);
  const { classes, why } = classesBy(folders, model.document.classes);
  const { score, ...prediction } = await model.predict(files, classes && { classes });
  const lossUnit = lossClause({ classes: true, loss: model.document.loss });
  return {
    ...{ prediction, files, score, why, warnings: [...warnings, ...unlike] },
    ...(lossUnit !== undefined && { lossUnit }),
  };
}

/** The classes of images by the folders that they lie in; why there are none where some folders seem to be classes. */
function classesBy(
  folders: readonly (string | undefined)[],
  classes: readonly string[],
): { readonly classes?: readonly (string | undefined)[]; readonly why?: string } {
  const places = classOfFolder(classes);
  const names = [...new Set(folders)].filter((name) => name !== undefined);
  const odd = names.filter((name) => !places.has(name));
  if (odd.length === 0) {
    return names.length > 0 ? { classes: folders.map((name) => places.get(name ?? "")) } : {};
  }
  const called = classes.map(folderName);
  const alike = odd.find((name) => alikeName(name, called) !== undefined);
  if (odd.length === names.length && alike === undefined) return {};
  const meant = alike === undefined ? undefined : alikeName(alike, called);
  const replaced = classes.some((name) => !called.includes(name))
    ? ', with "_" for what no folder can have'
    : "";
  return {
    why: `the answers are not scored: the folders must be called as the classes are, ${listed(classes)}${replaced}, but one is called "${cut(alike ?? (odd[0] as string))}"; rename ${meant === undefined ? "it, or leave it out" : `it to "${cut(meant)}"`}`,
  };
}

/** The class that a folder is of, by the folder's name: the class's own, or that which it can have, where no other class has the same. */
function classOfFolder(classes: readonly string[]): ReadonlyMap<string, string> {
  const called = classes.map(folderName);
  const alone = classes.filter(
    (_, i) => called.indexOf(called[i] as string) === called.lastIndexOf(called[i] as string),
  );
  return new Map([
    ...alone.map((name) => [folderName(name), name] as const),
    ...classes.map((name) => [name, name] as const),
  ]);
}

/** A class's name without what file systems forbid. */
const folderName = (name: string): string => name.replace(/[/\\:*?"<>|]/g, "_");
