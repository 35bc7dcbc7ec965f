import { join } from "node:path";

import { imageSetFiles, type ImageSet } from "../mnist.ts";
import { downloadFile, type DownloadOptions } from "./download.ts";

/**
 * Fetches the original files of MNIST or Fashion-MNIST from their published address into the subfolder `set` of a directory,
 * one after another; what is there already stays.
 *
 * @throws {HypertrainError} as {@link downloadFile} does.
 */
export async function downloadImageSet(
  set: ImageSet,
  directory: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { address, md5 } = published[set];
  for (const part of Object.keys(imageSetFiles) as Part[]) {
    const file = imageSetFiles[part];
    await downloadFile(
      { url: `${address}${file}.gz`, md5: md5[part], path: join(directory, set, file) },
      options,
    );
  }
}

type Part = keyof typeof imageSetFiles;

interface Publication {
  readonly address: string;
  /** Of the uncompressed files. */
  readonly md5: Readonly<Record<Part, string>>;
}

const published: Readonly<Record<ImageSet, Publication>> = {
  mnist: {
    address: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    md5: {
      trainImages: "6bbc9ace898e44ae57da46a324031adb",
      trainLabels: "a25bea736e30d166cdddb491f175f624",
      testImages: "2646ac647ad5339dbf082846283269ea",
      testLabels: "27ae3e4e09519cfbb04c329615203637",
    },
  },
  "fashion-mnist": {
    address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    md5: {
      trainImages: "f4a8712d7a061bf5bd6d2ca38dc4d50a",
      trainLabels: "9018921c3c673c538a1fc5bad174d6f9",
      testImages: "8181f5470baa50b63fa0f6fddb340f0a",
      testLabels: "15d484375f8d13e6eb1aabb0c3f46965",
    },
  },
};
