import { appendFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { makeFolder } from "../../artifacts/disk.ts";
import { HypertrainError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import {
  beginParts,
  endParts,
  eventOf,
  tfRecord,
  scalarParts,
  versionParts,
  type EventParts,
} from "./event-file.ts";
import { outbox } from "./outbox.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Writes event files for TensorBoard, a folder for each training: scalars, and the table of the hparams plugin.
 *
 * @throws {HypertrainError} where the folder cannot be made.
 */
export async function tensorboard(folder: string, clock: { now(): number }): Promise<Tracker> {
  await makeFolder(folder).catch((cause: unknown) => {
    if (!(cause instanceof HypertrainError)) throw cause;
    throw new HypertrainError(cause.code, `--tensorboard ${cause.message}`, { cause }); // which begins with the folder
  });
  let files = 0;
  const box = outbox<Appended>({ send: append, isFinal: () => true });
  return {
    begin({ name, params }) {
      const seconds = () => clock.now() / 1000;
      const place = join(folder, ...name.split("/").map(partOf));
      const file = `events.out.tfevents.${Math.floor(seconds())}.${hostname()}.${process.pid}.${files++}`;
      const add = (parts: EventParts) =>
        box.add({ place, file, record: tfRecord(eventOf(seconds(), parts)) });
      add(versionParts());
      add(beginParts(name, params, seconds()));
      return {
        see: (step, scalars) => add(scalarParts(step, scalars)),
        end: (how) => add(endParts(how, seconds())),
      };
    },
    async close() {
      const { lost, why = "" } = await box.close();
      if (lost === 0) return [];
      return [`warning: ${lost} events could not be written to ${folder} for TensorBoard: ${oneLine(why)}`];
    },
  };
}

/** A record on its way to the end of a file. */
interface Appended {
  readonly place: string;
  readonly file: string;
  readonly record: Uint8Array;
}

/** Appends those that wait for the file of the first, since each call opens one. */
async function append(waiting: readonly Appended[]): Promise<number> {
  const [{ place, file }] = waiting as [Appended, ...Appended[]];
  const other = waiting.findIndex((one) => one.file !== file);
  const own = other < 0 ? waiting : waiting.slice(0, other);
  const count = own.length; // more may come meanwhile
  const bytes = Buffer.concat(own.map(({ record }) => record));
  await makeFolder(place);
  await appendFile(join(place, file), bytes);
  return count;
}

/** A part of a name as that of a folder. */
const partOf = (part: string): string => part.replace(/[^\w.=,@ -]/g, "_").replace(/^\.+$/, "_");
