import { inputError } from "../util/error.ts";
import { aFile, type NamedBytes } from "./named-bytes.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, integer } from "../util/rule.ts";

/** Grey images as an idx file holds them. */
export interface IdxImages {
  readonly name: string;
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** 0 to 255, row-major: [rows, height, width]. */
  readonly pixels: Uint8Array;
}

/** Class numbers as an idx file holds them. */
export interface IdxLabels {
  readonly name: string;
  readonly rows: number;
  /** [rows] */
  readonly classes: Uint8Array;
}

/**
 * Reads an uncompressed idx3-ubyte file of images (the format of MNIST); the pixels are a view of its bytes.
 *
 * @throws {HypertrainError} for another format, or too few or too many bytes.
 */
export function parseIdxImages(file: NamedBytes): IdxImages {
  demandGiven("parseIdxImages", { file }, { file: aFile });
  const [rows, height, width] = parseHeader(file, { magic: 0x00000803, axes: 3, holds: "images" });
  if (rows * height * width === 0) {
    throw inputError(
      `${file.name} must hold at least one image of at least one pixel, but its header says ${rows} images of ${height} x ${width}; get the file again`,
    );
  }
  return { name: file.name, rows, height, width, pixels: parseBody(file, 3, rows * height * width) };
}

/**
 * Reads an uncompressed idx1-ubyte file of labels (default 10 classes), which may count from another number than 0, as classes from 0.
 *
 * @throws {HypertrainError} for another format, too few or too many bytes, a label that is too large, or another option.
 */
export function parseIdxLabels(
  file: NamedBytes,
  options: { readonly classes?: number; readonly first?: number } = {},
): IdxLabels {
  demandGiven("parseIdxLabels", { file }, { file: aFile });
  const rules = { classes: count, first: integer(0) };
  const { classes = 10, first = 0 } = ownOptions("parseIdxLabels", options, rules);
  const [rows] = parseHeader(file, { magic: 0x00000801, axes: 1, holds: "labels" });
  const labels = parseBody(file, 1, rows);
  const wrong = labels.findIndex((label) => label < first || label >= first + classes);
  if (wrong >= 0) {
    throw inputError(
      `every label in ${file.name} must be from ${first} to ${first + classes - 1}, but label ${wrong + 1} is ${labels[wrong]}; check that it is the right file`,
    );
  }
  return { name: file.name, rows, classes: first === 0 ? labels : labels.map((label) => label - first) };
}

/**
 * Images and labels must be as many.
 *
 * @throws {HypertrainError} with both counts.
 */
export function requireSameCount(images: IdxImages, labels: IdxLabels): void {
  if (images.rows !== labels.rows) {
    throw inputError(
      `${images.name} and ${labels.name} must hold equally many images and labels, but got ${images.rows} and ${labels.rows}; check that they belong together`,
    );
  }
}

interface IdxKind {
  readonly magic: number;
  readonly axes: number;
  readonly holds: string;
}

/** The sizes of the axes: always as many as `axes`, filled with 1 to three for the caller's convenience. */
function parseHeader({ name, bytes }: NamedBytes, { magic, axes, holds }: IdxKind): [number, number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerSize(axes)) {
    throw inputError(
      `${name} must start with an idx header of ${headerSize(axes)} bytes, but the file has ${bytes.length}; get it again`,
    );
  }
  const found = view.getUint32(0);
  if (found !== magic) {
    throw inputError(
      `${name} must be an idx file of ${holds}, which starts with ${hex(magic)}, but starts with ${hex(found)}; check that it is the right file and uncompressed`,
    );
  }
  const size = (axis: number) => (axis < axes ? view.getUint32(4 + 4 * axis) : 1);
  return [size(0), size(1), size(2)];
}

function parseBody({ name, bytes }: NamedBytes, axes: number, expected: number): Uint8Array {
  const body = bytes.subarray(headerSize(axes));
  if (body.length !== expected) {
    const how = body.length < expected ? "is cut short at" : "goes on to";
    throw inputError(
      `${name} must hold ${expected} bytes after its header, but ${how} ${body.length}; get the file again`,
    );
  }
  return body;
}

const headerSize = (axes: number): number => 4 + 4 * axes;

const hex = (word: number): string => `0x${word.toString(16).padStart(8, "0")}`;
