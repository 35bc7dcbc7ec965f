import { basename, join } from "node:path";

import { inputError } from "../../util/error.ts";
import { optionText } from "../../util/option-text.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { listed } from "../quote.ts";
import { isImage } from "./decode-images.ts";
import { kindsOf, noImages, shownKinds, visible } from "./list-folder.ts";
import { count } from "../../util/words.ts";

/** An image and its class, from 0. */
export interface ImageFile {
  readonly path: string;
  readonly label: number;
}

/** What a directory with a folder of images for each class holds. */
export interface ClassListing {
  readonly classes: readonly string[];
  /** All images of all classes, both in alphabetical order. */
  readonly files: readonly ImageFile[];
  /** The folders without an image, which are no classes. */
  readonly empty: readonly string[];
  /** How many files inside the folders are no images, by extension. */
  readonly others: ReadonlyMap<string, number>;
  /** How many folders lie inside those of the classes. */
  readonly inner: number;
  /** How many images lie beside the folders. */
  readonly beside: number;
}

/** Lists a directory by the folders in it, without reading any image. */
export async function listClasses(directory: string): Promise<ClassListing> {
  const top = await visible(directory);
  const folders = top.filter((entry) => entry.isFolder).map(({ name }) => name);
  const contents = await Promise.all(folders.map((folder) => visible(join(directory, folder))));
  const images = contents.map((entries) =>
    entries.filter((entry) => !entry.isFolder && isImage(entry.name)).map(({ name }) => name),
  );
  const holders = folders.flatMap((folder, i) => {
    const names = images[i] as string[];
    return names.length > 0 ? [{ folder, names }] : [];
  });
  return {
    classes: holders.map(({ folder }) => folder),
    files: holders.flatMap(({ folder, names }, label) =>
      names.map((name) => ({ path: join(directory, folder, name), label })),
    ),
    empty: folders.filter((_, i) => images[i]?.length === 0),
    others: kindsOf(contents.flat().filter((entry) => !entry.isFolder && !isImage(entry.name))),
    inner: contents.flat().filter((entry) => entry.isFolder).length,
    beside: top.filter((entry) => !entry.isFolder && isImage(entry.name)).length,
  };
}

/** Demands two classes at least. @throws {HypertrainError} naming a folder in the directory that has them, where one does. */
export async function demandClasses(directory: string, { classes, others }: ClassListing): Promise<void> {
  if (classes.length >= 2) return;
  const passed =
    others.size > 0 ? ` (beside files that are no images of a known format: ${shownKinds(others)})` : "";
  const deeper = await deeperClasses(directory);
  const advice =
    deeper === undefined
      ? `name another with ${optionText("data")}`
      : `classes lie one level deeper: name one folder of them with ${optionText("data", neutralised(deeper))}, and its images are split into parts (${optionText("valid")}, ${optionText("test")})`;
  throw inputError(
    `the directory ${oneLine(directory)} must hold a folder of images for each of at least two classes, but has ${classes.length} such folder${classes.length === 1 ? "" : "s"}${passed}; ${advice}`,
  );
}

/** The folder in a directory that holds folders of images for two classes at least: of several the training part, else the one of most images. */
async function deeperClasses(directory: string): Promise<string | undefined> {
  const folders = (await visible(directory)).filter((entry) => entry.isFolder);
  const within = await Promise.all(
    folders.map(async ({ name }) => {
      const path = join(directory, name);
      const { classes, files } = await listClasses(path).catch(() => ({ classes: [], files: [] })); // one that cannot be read is no advice
      return { path, classes: classes.length, images: files.length };
    }),
  );
  const isTraining = ({ path }: { readonly path: string }) => Number(/^train(ing)?$/i.test(basename(path)));
  const [best] = within
    .filter(({ classes }) => classes >= 2)
    .sort((a, b) => isTraining(b) - isTraining(a) || b.images - a.images);
  return best?.path;
}

/** A sentence on classes that are called as parts of data are. */
function remarksOnParts(name: string, classes: readonly string[]): string[] {
  const areParts = classes.every((title) => /^(train(ing)?|val|valid(ation)?|test(ing)?|dev)$/i.test(title));
  if (!areParts) return [];
  return [
    `the classes of ${name} are called as parts of data are: ${listed(classes)}; if they are parts, put the images of each class into a folder of its own, and leave it to ${optionText("valid")} and ${optionText("test")} to split them`,
  ];
}

/** Sentences on classes that may be none, and on what is in the directory and not in the data. */
export function remarksOnListing(
  name: string,
  { classes, empty, others, inner, beside }: ClassListing,
): string[] {
  const are = (n: number) => (n === 1 ? "is" : "are");
  return [
    ...remarksOnParts(name, classes),
    ...(empty.length > 0
      ? [
          `${count(empty.length, "folder")} in ${name} without an image ${are(empty.length)} no class: ${listed(empty)}; if one should be, put its images into it`,
        ]
      : []),
    ...(others.size > 0 ? [noImages(`in the folders of ${name}`, others)] : []),
    ...(inner > 0
      ? [
          `${count(inner, "folder")} inside those of the classes of ${name} ${are(inner)} passed over; put all images of a class into its folder itself`,
        ]
      : []),
    ...(beside > 0
      ? [
          `${count(beside, "image")} beside the folders of the classes of ${name} ${are(beside)} passed over; put every image into the folder of its class`,
        ]
      : []),
  ];
}
