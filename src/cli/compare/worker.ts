/**
 * The thread in which methods work, one after the other: {@link ./lane.ts} talks to it.
 */
import { parentPort, type MessagePort } from "node:worker_threads";

import { HypertrainError } from "../../util/error.ts";
import { consoleOnStderr } from "../terminal/console.ts";
import { curveOf } from "./curve.ts";
import type { Order, Word } from "./lane.ts";

consoleOnStderr();
const port = parentPort as MessagePort;
const say = (word: Word): void => port.postMessage(word);
let stop = new AbortController();

port.on("message", (order: Order) => {
  if (order.kind === "stop") return stop.abort();
  stop = new AbortController();
  const { assignment } = order;
  void curveOf({
    ...assignment,
    signal: stop.signal,
    clock: performance,
    watch: (point) => say({ kind: "point", point }),
  }).then(
    (curve) => say({ kind: "curve", curve }),
    (error: Error) =>
      say({
        kind: "error",
        message: error.message,
        ...(error instanceof HypertrainError ? { code: error.code } : { stack: error.stack }),
      }),
  );
});
