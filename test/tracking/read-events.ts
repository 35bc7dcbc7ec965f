/** Reads TensorBoard's event files by the definitions of their formats alone, with nothing of the code that writes them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A message of Protocol Buffers: the values of each field in order, bytes as they are. */
type Message = Readonly<Record<number, readonly (number | Buffer)[]>>;

/** The remainder of the bits of a polynomial's reflected division, bit by bit. */
export function checksum(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const odd = (rest ^ (byte >> bit)) & 1;
      rest = (rest >>> 1) ^ (odd ? 0x82f63b78 : 0);
    }
  }
  return (rest ^ 0xffffffff) >>> 0;
}

const masked = (bytes: Uint8Array): number => {
  const sum = BigInt(checksum(bytes));
  const rotated = ((sum >> 15n) | (sum << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
};

/** The records of a file; throws where a checksum is wrong or the end is missing. */
export function recordsOf(file: string): readonly Buffer[] {
  const bytes = readFileSync(file);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (bytes.readUInt32LE(at + 8) !== masked(bytes.subarray(at, at + 8)))
      throw new Error("the length is damaged");
    if (bytes.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error("the data are damaged");
    records.push(data);
    at += 16 + length;
  }
  return records;
}

export function decode(bytes: Buffer): Message {
  const fields: Record<number, (number | Buffer)[]> = {};
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("a number has no end");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const read: Readonly<Record<number, () => number | Buffer>> = {
      0: varint,
      1: () => bytes.readDoubleLE((at += 8) - 8),
      2: () => {
        const length = varint();
        return bytes.subarray(at, (at += length));
      },
      5: () => bytes.readFloatLE((at += 4) - 4),
    };
    const value = read[tag & 7]?.();
    if (value === undefined) throw new Error(`no kind ${tag & 7}`);
    (fields[tag >> 3] ??= []).push(value);
  }
  return fields;
}

/** The one value of a field that is a message. */
export const inner = (message: Message, field: number): Message => decode(message[field]?.[0] as Buffer);

export const textIn = (message: Message, field: number): string => String(message[field]?.[0]);

/** What TensorBoard would know of a folder: scalars by tag as [step, value], hyperparameters, and how it ended. */
export function readTraining(folder: string) {
  const scalars: Record<string, [number, number][]> = {};
  const params: Record<string, unknown> = {};
  let status: unknown;
  const files = readdirSync(folder).filter((name) => name.startsWith("events.out.tfevents."));
  for (const file of files) {
    const [first, ...events] = recordsOf(join(folder, file)).map(decode);
    if (!first || textIn(first, 3) !== "brain.Event:2") throw new Error("a file must begin with its version");
    for (const event of events) {
      const step = Number(event[2]?.[0] ?? 0);
      for (const bytes of inner(event, 5)[1] as readonly Buffer[]) {
        const value = decode(bytes);
        const tag = textIn(value, 1);
        if (value[2]) (scalars[tag] ??= []).push([step, Number(value[2][0])]);
        if (!value[9]) continue;
        const plugin = inner(inner(value, 9), 1);
        if (textIn(plugin, 1) !== "hparams") throw new Error("metadata of another plugin");
        const content = inner(plugin, 2);
        if (tag === "_hparams_/session_end_info") status = inner(content, 4)[1]?.[0];
        if (tag !== "_hparams_/session_start_info") continue;
        for (const entry of inner(content, 3)[1] as readonly Buffer[]) {
          const [key, one] = [textIn(decode(entry), 1), inner(decode(entry), 2)];
          params[key] = one[2]?.[0] ?? (one[3] ? String(one[3][0]) : Boolean(one[4]?.[0]));
        }
      }
    }
  }
  return { scalars, params, status };
}
