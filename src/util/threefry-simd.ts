/**
 * Threefry-2x32, four blocks at a time in WebAssembly's vectors: the same numbers as `threefry2x32` in a fraction of its time.
 *
 * A training step draws several hundred thousand numbers while the cores are busy with the step before, so that their time counts.
 *
 * | address | what is there, each in all four lanes |
 * |---|---|
 * | 0  | the first counter word + k0 |
 * | 16 | the second counter words + k1 of the first four blocks |
 * | 32 | 4, which these go up by |
 * | 48 | 2^-24 |
 * | 64, 80, … | what is added to x and to y after rounds 4, 8, 12, 16 and 20, by turns |
 * | 256 | the numbers |
 */

/** Draws from a key and two counters, as `threefry2x32`. Returns how many numbers it has made from the start: all but the last few. */
export interface ThreefrySimd {
  /** 32-bit words. */
  bits(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): number;
  /** Numbers uniform on [0, 1), multiples of 2^-24. */
  uniforms(k0: number, k1: number, c0: number, c1: number, out: Float32Array): number;
}

const PARITY = 0x1bd11bda;
const NUMBERS = 256;
const CHUNK = 8192;
const BATCH = 8; // four blocks of two words

/** Compiles the generator. Returns nothing where WebAssembly has no vectors, or is forbidden. */
export function threefrySimd(): ThreefrySimd | undefined {
  let module: WebAssembly.Instance;
  try {
    module = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  } catch {
    return undefined;
  }
  const { memory, bits, uniforms } = module.exports as unknown as Exports;
  const words = new Uint32Array(memory.buffer, NUMBERS, CHUNK);
  const floats = new Float32Array(memory.buffer, NUMBERS, CHUNK);
  const draw =
    <T extends Uint32Array | Float32Array>(make: (end: number) => void, made: T) =>
    (k0: number, k1: number, c0: number, c1: number, out: T): number => {
      const whole = out.length - (out.length % BATCH);
      for (let from = 0; from < whole; from += CHUNK) {
        const count = Math.min(CHUNK, whole - from);
        schedule(memory, k0, k1, c0, (c1 + from / 2) | 0);
        make(NUMBERS + 4 * count);
        out.set(made.subarray(0, count), from);
      }
      return whole;
    };
  return { bits: draw(bits, words), uniforms: draw(uniforms, floats) };
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  /** Fill the memory up to an address. */
  readonly bits: (end: number) => void;
  readonly uniforms: (end: number) => void;
}

/** Writes what the loop reads. */
function schedule({ buffer }: WebAssembly.Memory, k0: number, k1: number, c0: number, c1: number): void {
  const k2 = PARITY ^ k0 ^ k1;
  const second = c1 + k1;
  const injected = [k1, k2 + 1, k2, k0 + 2, k0, k1 + 3, k1, k2 + 4, k2, k0 + 5];
  const lanes = new Int32Array(buffer);
  lanes.fill(c0 + k0, 0, 4);
  lanes.set([second, second + 1, second + 2, second + 3], 4);
  lanes.fill(4, 8, 12);
  new Float32Array(buffer).fill(2 ** -24, 12, 16);
  injected.forEach((word, i) => lanes.fill(word, 16 + 4 * i, 20 + 4 * i));
}

/* The module, byte by byte: https://webassembly.github.io/spec/core/binary/ */

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const [END, AT, X, Y, SECOND] = [0, 1, 2, 3, 4]; // parameter and variables of the functions
const [I32, V128] = [0x7f, 0x7b];
const vector = (operation: number): number[] => [0xfd, ...leb(operation)];
const get = (variable: number): number[] => [0x20, variable];
const set = (variable: number): number[] => [0x21, variable];
const i32 = (number: number): number[] => [0x41, ...leb(number, true)];
const load = (address: number): number[] => [...i32(0), ...vector(0x00), 4, ...leb(address)];
const store = (offset: number): number[] => [...vector(0x0b), 4, ...leb(offset)];
const add = vector(0xae);
const shiftLeft = vector(0xab);
const shiftRight = vector(0xad);
const or = vector(0x50);
const xor = vector(0x51);
const toFloat = vector(0xfa);
const times = vector(0xe6);

const rotated = (variable: number, by: number): number[] =>
  [get(variable), i32(by), shiftLeft, get(variable), i32(32 - by), shiftRight, or].flat();

/** x += y; y = rotate(y) ^ x. */
const round = (by: number): number[] =>
  [get(X), get(Y), add, set(X), rotated(Y, by), get(X), xor, set(Y)].flat();

const fourRounds = (_: unknown, i: number): number[] => [
  ...(ROTATIONS[i % 2] as readonly number[]).flatMap(round),
  ...[get(X), load(64 + 32 * i), add, set(X), get(Y), load(80 + 32 * i), add, set(Y)].flat(),
];

/** Four bytes of x and of y by turns, from some lane on. */
const interleaved = (lane: number): number[] => [
  ...[get(X), get(Y), vector(0x0d)].flat(),
  ...[lane, lane + 4, lane + 1, lane + 5].flatMap((from) => [0, 1, 2, 3].map((byte) => 4 * from + byte)),
];

const asUniform = [i32(8), shiftRight, toFloat, load(48), times].flat();

function functionBody(finish: readonly number[]): number[] {
  const begin = [i32(NUMBERS), set(AT), load(16), set(SECOND)].flat();
  const blocks = [load(0), set(X), get(SECOND), set(Y), Array.from({ length: 5 }, fourRounds).flat()].flat();
  const keep = [0, 2].flatMap((lane, i) => [...get(AT), ...interleaved(lane), ...finish, ...store(16 * i)]);
  const advance = [get(SECOND), load(32), add, set(SECOND), get(AT), i32(32), 0x6a, set(AT)].flat();
  const loop = [0x03, 0x40, ...blocks, ...keep, ...advance, ...get(AT), ...get(END), 0x49, 0x0d, 0, 0x0b];
  const variables = [2, 1, I32, 3, V128];
  return sized([...variables, ...begin, ...loop, 0x0b]);
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly number[][]) => [
    id,
    ...sized([...leb(items.length), ...items.flat()]),
  ];
  const exported = (name: string, kind: number, index: number) => [
    ...sized([...new TextEncoder().encode(name)]),
    kind,
    index,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 1, I32, 0]]), // one type: (i32) -> ()
    ...section(3, [[0], [0]]), // two functions of it
    ...section(5, [[0, 1]]), // a memory of one page
    ...section(7, [exported("memory", 2, 0), exported("bits", 0, 0), exported("uniforms", 0, 1)]),
    ...section(10, [functionBody([]), functionBody(asUniform)]),
  ]);
}

const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes];

/** A whole number in LEB128; a signed one ends with its sign in bit 6. */
function leb(number: number, signed = false): number[] {
  const bytes: number[] = [];
  for (let rest = number; ; rest >>>= 7) {
    if (rest < (signed ? 64 : 128)) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
