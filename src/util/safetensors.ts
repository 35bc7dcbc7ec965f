/**
 * The safetensors format: 8 bytes with the header's length, a JSON header that says where each tensor lies, then the tensors'
 * bytes, all little-endian. Any other program that reads safetensors reads the weights.
 *
 * A note `crc32` holds the checksum of the whole file, in which the note itself reads "00000000".
 *
 * @see https://github.com/huggingface/safetensors
 */
import { crc32, crcDigits } from "./crc32.ts";
import { inputError } from "./error.ts";
import { HostArray, sizeOf, type HostData, type HostTree } from "./host-array.ts";
import { demandGiven, ownOptions } from "./given.ts";
import { isRecord } from "./record.ts";
import { byName, needed, someBytes, text, type Rules } from "./rule.ts";

/** What a file of tensors holds: a tree, whose leaves are tensors with dotted names, and notes of any kind. */
export interface TensorFile {
  readonly tensors: HostTree;
  readonly notes: Readonly<Record<string, string>>;
}

/** The bytes of a safetensors file, with a checksum among its notes. @throws {HypertrainError} for a leaf that is no host array, and notes that are none. */
export function encodeTensors(file: TensorFile): Uint8Array {
  const { tensors, notes } = ownOptions("encodeTensors", file, fileRules);
  const leaves = namedLeaves(tensors);
  const chunks = leaves.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  let end = 0;
  const entries = leaves.map(([name, { data, shape }], i): [string, TensorEntry] => {
    const start = end;
    end += (chunks[i] as Uint8Array).length;
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [start, end] }];
  });
  const metadata = { crc32: UNKNOWN, ...notes };
  const header = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([["__metadata__", metadata], ...entries])),
  );
  const padded = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(BLANK, 8, 8 + padded).set(header, 8);
  let at = 8 + padded;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  bytes.set(new TextEncoder().encode(crcDigits(crc32(bytes))), CHECKSUM_AT);
  return bytes;
}

/**
 * Reads what {@link encodeTensors} wrote.
 *
 * @param name what errors call the file
 * @throws {HypertrainError} for a file that is damaged or of another kind.
 */
export function decodeTensors(bytes: Uint8Array, name: string): TensorFile {
  demandGiven("decodeTensors", { bytes, name }, { bytes: someBytes, name: text });
  const { header, body } = splitFile(bytes, name);
  const { __metadata__: metadata = {}, ...entries } = header;
  const { crc32: expected, ...notes } = isRecord(metadata) ? metadata : {};
  const ours = typeof notes.format === "string" && notes.format.startsWith("hypertrain");
  if ((ours || expected !== undefined) && expected !== checksumOf(bytes))
    throw damaged(name, "its checksum differs");
  const leaves = Object.entries(entries).map(([path, entry]): [string, HostArray] => [
    path,
    readTensor(entry, body, name),
  ]);
  return { tensors: treeOf(leaves), notes: notes as Record<string, string> }; // safetensors has no other notes
}

const isTree = (value: unknown): boolean =>
  value instanceof HostArray ||
  (isRecord(value) && !ArrayBuffer.isView(value) && Object.values(value).every(isTree));

const fileRules: Rules<TensorFile> = {
  tensors: needed({ must: "a tree with a HostArray at every leaf", holds: isTree }),
  notes: needed(byName({ must: "a text", holds: (value) => typeof value === "string" })),
};

interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Dtype = keyof typeof arrays;

const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U32: Uint32Array } as const;

const dtypeOf = (data: HostData): Dtype =>
  (Object.keys(arrays) as Dtype[]).find((dtype) => data instanceof arrays[dtype]) as Dtype; // one of four

const UNKNOWN = "00000000";
const BLANK = 32;

/** The first note of all, behind the length. */
const CHECKSUM_AT = 8 + '{"__metadata__":{"crc32":"'.length;

function checksumOf(bytes: Uint8Array): string {
  const end = CHECKSUM_AT + UNKNOWN.length;
  const before = crc32(bytes.subarray(0, CHECKSUM_AT));
  return crcDigits(crc32(bytes.subarray(end), crc32(new TextEncoder().encode(UNKNOWN), before)));
}

function splitFile(bytes: Uint8Array, name: string): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) throw damaged(name, `it has only ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) throw damaged(name, "it is cut short");
  const header = headerOf(bytes.subarray(8, 8 + length));
  if (header) return { header, body: bytes.subarray(8 + length) };
  throw damaged(name, "its header is not a JSON object");
}

function headerOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

function readTensor(entry: unknown, body: Uint8Array, name: string): HostArray {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (isSizes(shape) && isSizes(offsets) && typeof dtype === "string" && Object.hasOwn(arrays, dtype)) {
    const Data = arrays[dtype as Dtype];
    const [start = 0, end = 0] = offsets;
    if (end <= body.length && end - start === sizeOf(shape) * Data.BYTES_PER_ELEMENT)
      return new HostArray(new Data(new Uint8Array(body.subarray(start, end)).buffer), shape); // a copy; a Buffer's own slice would be a view
  }
  throw damaged(name, "it is cut short or holds a kind of number that is not known here");
}

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

const damaged = (name: string, why: string) =>
  inputError(`${name} must be a whole safetensors file, but it is damaged: ${why}`);

/** Leaves by dotted path; dots within a name are escaped, so that the tree can be built again. */
function namedLeaves(tree: HostTree, path: readonly string[] = []): [string, HostArray][] {
  if (tree instanceof HostArray) return [[path.map(escape).join("."), tree]];
  return Object.entries(tree).flatMap(([name, child]) => namedLeaves(child, [...path, name]));
}

/** A map, since a file may name anything: `__proto__` as well. */
type Branch = Map<string, HostArray | Branch>;

function treeOf(leaves: readonly [string, HostArray][]): HostTree {
  const root: Branch = new Map();
  for (const [path, leaf] of leaves) {
    const names = path.split(".").map(unescape);
    const last = names.pop() as string; // a split text has at least one part
    let branch = root;
    for (const name of names) branch = childOf(branch, name);
    branch.set(last, leaf);
  }
  return branchTree(root);
}

function childOf(branch: Branch, name: string): Branch {
  const found = branch.get(name);
  if (found instanceof Map) return found;
  const child: Branch = new Map();
  branch.set(name, child);
  return child;
}

/** Properties of its own alone: `Object.fromEntries` defines them, where an assignment to `__proto__` would reach further. */
const branchTree = (branch: Branch): HostTree =>
  Object.fromEntries(
    [...branch].map(([name, child]) => [name, child instanceof Map ? branchTree(child) : child]),
  );

const escape = (name: string): string => name.replace(/%/g, "%25").replace(/\./g, "%2E");
const unescape = (name: string): string => name.replace(/%2E/g, ".").replace(/%25/g, "%");
