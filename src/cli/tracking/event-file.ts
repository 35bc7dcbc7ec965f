import { crc32c } from "../../util/crc32c.ts";
import type { TrackedEnd, TrackedParam } from "./tracker.ts";

/**
 * A record of TensorBoard's event files, TensorFlow's TFRecord: the length of the data, its checksum, the data, their checksum. A checksum
 * is a rotated CRC-32C, so that files within files do not look like damage.
 */
export function tfRecord(data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, sumOf(length), data, sumOf(data)]);
}

function sumOf(bytes: Uint8Array): Uint8Array {
  const sum = crc32c(bytes);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0);
  return masked;
}

/** What an event says besides its time: a message of `event.proto`. */
export interface EventParts {
  readonly step?: number;
  readonly parts: Uint8Array;
}

/** An event at a time, in seconds since 1970. */
export const eventOf = (seconds: number, { step = 0, parts }: EventParts): Uint8Array =>
  Buffer.concat([double(1, seconds), integer(2, step), parts]);

/** What every file begins with. */
export const versionParts = (): EventParts => ({ parts: text(3, "brain.Event:2") });

/** Numbers by their tags. */
export const scalarParts = (step: number, scalars: Readonly<Record<string, number>>): EventParts => ({
  step,
  parts: message(
    5,
    ...Object.entries(scalars).map(([tag, value]) => message(1, text(1, tag), float(2, value))),
  ),
});

/** What the hparams plugin shows of a training, at its begin. */
export const beginParts = (
  name: string,
  params: Readonly<Record<string, TrackedParam>>,
  seconds: number,
): EventParts =>
  hparams("_hparams_/session_start_info", 3, [
    ...Object.entries(params).map(([key, value]) => message(1, text(1, key), message(2, protoValue(value)))),
    text(4, name),
    double(5, seconds),
  ]);

/** And at its end. */
export const endParts = (how: TrackedEnd, seconds: number): EventParts =>
  hparams("_hparams_/session_end_info", 4, [integer(1, STATUS[how]), double(2, seconds)]);

/** `Status` of the plugin's `api.proto`; what was stopped is unknown to it. */
const STATUS = { stopped: 0, finished: 1, failed: 2 } satisfies Record<TrackedEnd, number>;

/** A summary without a number, whose metadata are the plugin's own; TensorBoard wants an empty tensor with it. */
function hparams(tag: string, kind: number, parts: readonly Uint8Array[]): EventParts {
  const metadata = message(1, text(1, "hparams"), message(2, message(kind, ...parts)));
  const empty = message(8, integer(1, 1), message(2, message(2))); // of floats, in one dimension, of none
  return { parts: message(5, message(1, text(1, tag), empty, message(9, metadata))) };
}

/** `google.protobuf.Value`. */
const protoValue = (value: TrackedParam): Uint8Array =>
  typeof value === "number"
    ? double(2, value)
    : typeof value === "string"
      ? text(3, value)
      : integer(4, Number(value));

/*
 * The wire format of Protocol Buffers: a field's number and kind, then its value.
 */
const [VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES] = [0, 1, 2, 5];

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}

const key = (field: number, kind: number): Uint8Array => varint(8 * field + kind);

const integer = (field: number, value: number): Uint8Array =>
  Buffer.concat([key(field, VARINT), varint(value)]);

function double(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, EIGHT_BYTES), bytes]);
}

function float(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FOUR_BYTES), bytes]);
}

function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat(parts);
  return Buffer.concat([key(field, BYTES), varint(whole.length), whole]);
}

const text = (field: number, value: string): Uint8Array => message(field, Buffer.from(value));
