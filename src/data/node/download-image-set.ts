import { join } from "node:path";

import { imageSetFiles, type EmnistSet, type ImageSet } from "../mnist.ts";
import { downloadFile, type DownloadOptions } from "./download.ts";

/**
 * Fetches the original files of MNIST or Fashion-MNIST from their published address into the subfolder `set` of a directory,
 * one after another; what is there already stays.
 *
 * @throws {HypertrainError} as {@link downloadFile} does.
 */
export async function downloadImageSet(
  set: Exclude<ImageSet, EmnistSet>,
  directory: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { address, sha256 } = published[set];
  for (const part of Object.keys(imageSetFiles) as Part[]) {
    const file = imageSetFiles[part];
    await downloadFile(
      { url: `${address}${file}.gz`, sha256: sha256[part], path: join(directory, set, file) },
      options,
    );
  }
}

type Part = keyof typeof imageSetFiles;

interface Publication {
  readonly address: string;
  /** Of the uncompressed files. */
  readonly sha256: Readonly<Record<Part, string>>;
}

const published: Readonly<Record<Exclude<ImageSet, EmnistSet>, Publication>> = {
  mnist: {
    address: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    sha256: {
      trainImages: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      trainLabels: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      testImages: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      testLabels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
  },
  "fashion-mnist": {
    address: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    sha256: {
      trainImages: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      trainLabels: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      testImages: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      testLabels: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  },
};
