import { openStorage } from "../../storage/open-storage.ts";
import { inputError } from "../../util/error.ts";
import { neutralised } from "../../util/text.ts";
import { demandArtifactPlace } from "../files/artifact-place.ts";
import { listen } from "../http/server.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { repeatedly } from "../serve/repeatedly.ts";
import { studyRoutes } from "../serve/routes.ts";
import { studyDesk } from "../serve/study-desk.ts";

/** What `hypertrain serve` accepts. */
export interface ServeFlags {
  readonly store?: string;
  /** Where studies that are created here keep what programs give them; default: the store. */
  readonly artifacts?: string;
  readonly port?: number;
  readonly host?: string;
}

/** The port of servers, unless it is said. */
const PORT = 7718;

/** Milliseconds between two looks for programs that have died. */
const PAUSE = 1000;

/**
 * Serves the studies of a store to programs that ask and tell, until it is interrupted.
 *
 * @returns the exit code
 */
export async function serve({ store, artifacts, port = PORT, host }: ServeFlags): Promise<number> {
  if (store === undefined) {
    throw inputError("--store must name a SQLite file or a postgres:// database, but is not there; add it");
  }
  demandArtifactPlace(artifacts);
  const note = (line: string) => void process.stderr.write(`${neutralised(line)}\n`);
  await using storage = await openStorage(store, { artifacts });
  const desk = studyDesk(storage, performance, note, artifacts);
  const token = process.env["HYPERTRAIN_TOKEN"];
  await using server = await listen(studyRoutes(desk, storage), {
    ...{ port, ...(host !== undefined && { host }), ...(token && { token }) },
  });
  note(`serving ${storage.name} at ${server.url}; Ctrl-C ends it`);
  using interrupt = listenForInterrupt(() => {});
  const { signal } = interrupt;
  const interrupted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  await Promise.race([interrupted, repeatedly(() => desk.watch(), PAUSE, signal)]); // a storage tries for minutes before it says so
  return 0;
}
