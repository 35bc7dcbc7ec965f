import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/**
 * How many threads a product takes unless told otherwise: one for each core that this process may use. 0, by which onnxruntime counts for itself, where the
 * system does not say which processors share a core: on virtual machines of two cores it was seen to count one.
 *
 * @param processors the folder of Linux with one for each processor
 */
export function usableCores(processors = "/sys/devices/system/cpu"): number {
  try {
    const lists = readdirSync(processors)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => join(processors, name, "topology/thread_siblings_list"))
      .filter((path) => existsSync(path)); // a processor that is switched off has none
    const cores = new Set(lists.map((path) => readFileSync(path, "utf8")));
    return Math.min(cores.size, availableParallelism());
  } catch {
    return 0; // another system, or one that hides it
  }
}
