/** Preloaded by `node --import`: tells at the end how much memory the process held at most, in MiB. */
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("exit", () => process.stderr.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`));
}
