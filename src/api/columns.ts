/*
 * Tables on the wire by columns: a hundred thousand rows of twenty numbers are 16 MB of Float64 and five times that as JSON. A message is the
 * length of its head in bytes (uint32, little-endian), the head as JSON, zeros up to a multiple of 8, then the columns, each from a multiple of 8 on.
 */

/** A column's numbers; of a text the index of its option. */
export type ColumnData = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** A column of a table. */
export interface WireColumn {
  readonly name: string;
  readonly values: ColumnData;
  /** The texts that `values` count through, if it is of texts. */
  readonly options?: readonly string[];
  /** Whether it is a hyperparameter. */
  readonly hyper?: boolean;
  /** Whether it is what trials reached besides a loss, or cost. */
  readonly measure?: boolean;
  /** Whether equal steps are equal ratios. */
  readonly log?: boolean;
}

/** A table with what is to be known about it, as JSON. */
export interface WireTable<Note = unknown> {
  readonly note: Note;
  readonly rows: number;
  readonly columns: readonly WireColumn[];
}

/** A table as bytes. */
export function encodeTable({ note, rows, columns }: WireTable): Uint8Array<ArrayBuffer> {
  const heads = columns.map(({ values, ...rest }) => ({ ...rest, type: typeOf(values) }));
  const head = new TextEncoder().encode(JSON.stringify({ note, rows, columns: heads }));
  const starts: number[] = [];
  const end = columns.reduce(
    (at, { values }) => {
      starts.push(at);
      return whole(at + values.byteLength);
    },
    whole(4 + head.length),
  );
  const bytes = new Uint8Array(end);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  columns.forEach(({ values }, i) =>
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), starts[i]),
  );
  return bytes;
}

/** The table of bytes that {@link encodeTable} made; its columns are views of them. */
export function decodeTable<Note>(bytes: ArrayBuffer): WireTable<Note> {
  const length = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  const { note, rows, columns } = JSON.parse(text) as Omit<WireTable<Note>, "columns"> & {
    readonly columns: readonly (Omit<WireColumn, "values"> & { readonly type: keyof typeof types })[];
  };
  let at = whole(4 + length);
  return {
    note,
    rows,
    columns: columns.map(({ type, ...rest }) => {
      const values = new types[type](bytes, at, rows);
      at = whole(at + values.byteLength);
      return { ...rest, values };
    }),
  };
}

const types = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u8: Uint8Array };

const typeOf = (values: ColumnData): keyof typeof types =>
  values instanceof Float64Array
    ? "f64"
    : values instanceof Float32Array
      ? "f32"
      : values instanceof Uint32Array
        ? "u32"
        : "u8";

const whole = (bytes: number): number => Math.ceil(bytes / 8) * 8;
