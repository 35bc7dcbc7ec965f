import { inputError } from "../util/error.ts";
import type { NamedBytes } from "./named-bytes.ts";
import { cut } from "./quote.ts";

/** An array of numpy, or the fields of a structured one. */
export interface NumpyArray {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** One entry with an empty name, or one a field. */
  readonly fields: readonly { readonly name: string; readonly read: (index: number) => unknown }[];
}

/** Whether bytes start as a file of `numpy.save` does. */
export const isNpy = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6)) === "NUMPY";

/**
 * Reads a file of `numpy.save`: its shape, and a reader of elements in row-major order. Numbers, text, booleans and dates are known;
 * Python objects are not, since they run code when they are loaded.
 *
 * @throws {HypertrainError} for another format, a type that is not known, or a file that is cut short.
 */
export function parseNpy({ name, bytes }: NamedBytes): NumpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = (bytes[6] ?? 0) > 1; // version 1 has a shorter length
  const start = long ? 12 : 10;
  if (!isNpy(bytes) || bytes.length < start) {
    throw inputError(`${name} must be a whole file of numpy.save, but is cut short; get it again`);
  }
  const size = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder(bytes[6] === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(start, start + size),
  );
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number) ?? [];
  const fields = fieldsOf(header);
  if (fields.length === 0) throw unknownType(name, /'descr':\s*(.*)/.exec(header)?.[1] ?? "none");
  const types = fields.map((field) => ({ ...field, ...typeOf(name, field.code) }));
  const stride = types.reduce((total, { bytes }) => total + bytes, 0);
  const elements = shape.reduce((a, b) => a * b, 1);
  const body = bytes.length - start - size;
  if (body !== elements * stride) {
    const how = body < elements * stride ? "is cut short at" : "goes on to";
    throw inputError(
      `${name} must hold ${elements * stride} bytes after its header, but ${how} ${Math.max(body, 0)}; get the file again`,
    );
  }
  const place = /'fortran_order':\s*True/.test(header) ? columnMajor(shape) : (index: number) => index;
  let offset = start + size;
  return {
    shape,
    fields: types.map(({ name, bytes, read, little }) => {
      const from = offset;
      offset += bytes;
      return { name, read: (index: number) => read(view, from + place(index) * stride, little) };
    }),
  };
}

/** `'<f8'`, or `[('age', '<f8'), ('town', '<U4')]`. */
function fieldsOf(header: string): { name: string; code: string }[] {
  const descr = /'descr':\s*('[^']*'|\[.*?\])\s*,\s*'fortran_order'/s.exec(header)?.[1] ?? "";
  if (descr.startsWith("'")) return [{ name: "", code: descr.slice(1, -1) }];
  const fields = [...descr.matchAll(/\((?:'([^']*)'|"([^"]*)"),\s*'([^']*)'\)/g)];
  // Whatever else stands there (fields within fields, arrays as fields) is not known.
  const rest = fields.reduce((text, [field]) => text.replace(field, ""), descr);
  return /^\[[\s,]*\]$/.test(rest)
    ? fields.map(([, single, double, code]) => ({ name: (single ?? double) as string, code: code as string }))
    : [];
}

type ReadElement = (view: DataView, offset: number, little: boolean) => unknown;

interface ElementType {
  readonly bytes: number;
  readonly read: ReadElement;
  readonly little: boolean;
}

function typeOf(name: string, code: string): ElementType {
  const [, order, kind, length = "", unit = ""] = /^([<>|=]?)([a-zA-Z])(\d*)(?:\[(\w+)\])?$/.exec(code) ?? [];
  const little = order !== ">";
  const width = Number(length);
  if (kind === "U") return { bytes: 4 * width, little, read: wideText(width) };
  if (kind === "S") return { bytes: width, little, read: narrowText(width) };
  const read = kind === "M" ? moment(unit) : numbers[`${kind}${length}`];
  if (!read) throw unknownType(name, `'${code}'`);
  return { bytes: width, little, read };
}

const unknownType = (name: string, code: string) =>
  inputError(
    `arrays in ${name} must hold numbers, text, dates, true and false, but one has the type ${cut(code)}; convert it with astype and save it again`,
  );

const numbers: Readonly<Record<string, ReadElement>> = {
  b1: (view, at) => view.getUint8(at) !== 0,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => shortest(view.getBigInt64(at, little)),
  u8: (view, at, little) => shortest(view.getBigUint64(at, little)),
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** A number where it has all digits. */
const shortest = (value: bigint): number | bigint =>
  BigInt(Number(value)) === value ? Number(value) : value;

/** A float16 from its bits. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? fraction
        ? NaN
        : Infinity
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 ? -size : size;
}

/** Milliseconds in a unit of dates; months and years are no multiples of it. */
const units: Readonly<Record<string, number>> = {
  W: 6048e5,
  D: 864e5,
  h: 36e5,
  m: 6e4,
  s: 1e3,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
};

const NOT_A_TIME = -(2n ** 63n);

function moment(unit: string): ReadElement | undefined {
  const scale = units[unit];
  if (scale === undefined) return undefined;
  return (view, at, little) => {
    const time = view.getBigInt64(at, little);
    return time === NOT_A_TIME ? null : new Date(Number(time) * scale);
  };
}

const wideText =
  (width: number): ReadElement =>
  (view, at, little) => {
    const codes = Array.from({ length: width }, (_, i) => view.getUint32(at + 4 * i, little));
    return codes.map((code) => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "")).join("");
  };

const narrowText =
  (width: number): ReadElement =>
  (view, at) =>
    new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, width)).replace(/\0+$/, "");

/** Where the element of a row-major index stands in a column-major array. */
function columnMajor(shape: readonly number[]): (index: number) => number {
  return (index) => {
    let [rest, place, step] = [index, 0, shape.reduce((a, b) => a * b, 1)];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      step /= size;
      place += (rest % size) * step;
      rest = Math.floor(rest / size);
    }
    return place;
  };
}
