/**
 * The safetensors format: 8 bytes with the header's length, a JSON header that says where each tensor lies, then the tensors'
 * bytes, all little-endian. Any other program that reads safetensors reads the weights.
 *
 * @see https://github.com/huggingface/safetensors
 */
import { crc32 } from "node:zlib";

import { inputError } from "../util/error.ts";
import { HostArray, sizeOf, type HostData, type HostTree } from "../util/host-array.ts";

/** What a file of tensors holds: a tree, whose leaves are tensors with dotted names, and notes of any kind. */
export interface TensorFile {
  readonly tensors: HostTree;
  readonly notes: Readonly<Record<string, string>>;
}

/** The bytes of a safetensors file, with a checksum of the tensors among its notes. */
export function encodeTensors({ tensors, notes }: TensorFile): Uint8Array {
  const leaves = namedLeaves(tensors);
  const chunks = leaves.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  let end = 0;
  const entries = leaves.map(([name, { data, shape }], i): [string, TensorEntry] => {
    const start = end;
    end += (chunks[i] as Uint8Array).length;
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [start, end] }];
  });
  const metadata = { ...notes, crc32: String(checksum(chunks)) };
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const padding = Buffer.alloc((8 - (header.length % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length + padding.length));
  return Buffer.concat([length, header, padding, ...chunks]);
}

/**
 * Reads what {@link encodeTensors} wrote.
 *
 * @param name what errors call the file
 * @throws {HypertrainError} for a file that is damaged or of another kind.
 */
export function decodeTensors(bytes: Uint8Array, name: string): TensorFile {
  const { header, body } = splitFile(bytes, name);
  const { __metadata__: metadata = {}, ...entries } = header;
  const { crc32: expected, ...notes } = metadata as Record<string, string>;
  if (expected !== undefined && String(crc32(body)) !== expected) throw damaged(name, "its checksum differs");
  const leaves = Object.entries(entries).map(([path, entry]): [string, HostArray] => [
    path,
    readTensor(entry as TensorEntry, body, name),
  ]);
  return { tensors: treeOf(leaves), notes };
}

interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Dtype = keyof typeof arrays;

const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U32: Uint32Array } as const;

const dtypeOf = (data: HostData): Dtype =>
  (Object.keys(arrays) as Dtype[]).find((dtype) => data instanceof arrays[dtype]) as Dtype; // one of four

function splitFile(bytes: Uint8Array, name: string): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) throw damaged(name, `it has only ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw damaged(name, "it is cut short");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length));
    return { header: JSON.parse(text) as Record<string, unknown>, body: bytes.subarray(8 + length) };
  } catch (cause) {
    throw inputError(damaged(name, "its header is not JSON").message, { cause });
  }
}

function readTensor(
  { dtype, shape, data_offsets: offsets }: TensorEntry,
  body: Uint8Array,
  name: string,
): HostArray {
  const Data = arrays[dtype];
  const [start = 0, end = 0] = offsets ?? [];
  const fits = Data && end <= body.length && end - start === sizeOf(shape) * Data.BYTES_PER_ELEMENT;
  if (!fits) throw damaged(name, "it is cut short or holds a kind of number that is not known here");
  const aligned = new Uint8Array(body.subarray(start, end)); // a copy; a Buffer's own slice would be a view
  return new HostArray(new Data(aligned.buffer), shape);
}

const damaged = (name: string, why: string) =>
  inputError(`${name} must be a whole safetensors file, but it is damaged: ${why}`);

function checksum(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => crc32(chunk, sum), 0);
}

/** Leaves by dotted path; dots within a name are escaped, so that the tree can be built again. */
function namedLeaves(tree: HostTree, path: readonly string[] = []): [string, HostArray][] {
  if (tree instanceof HostArray) return [[path.map(escape).join("."), tree]];
  return Object.entries(tree).flatMap(([name, child]) => namedLeaves(child, [...path, name]));
}

type Branch = { [name: string]: HostArray | Branch };

function treeOf(leaves: readonly [string, HostArray][]): HostTree {
  const root: Branch = {};
  for (const [path, leaf] of leaves) {
    const names = path.split(".").map(unescape);
    const last = names.pop() as string; // a split text has at least one part
    let branch = root;
    for (const name of names) branch = (branch[name] ??= {}) as Branch;
    branch[last] = leaf;
  }
  return root;
}

const escape = (name: string): string => name.replace(/%/g, "%25").replace(/\./g, "%2E");
const unescape = (name: string): string => name.replace(/%2E/g, ".").replace(/%25/g, "%");
