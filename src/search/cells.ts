import type { Hyper } from "../space/space.ts";
import { naturalAt } from "../space/unit.ts";

/** The ends of the cell of [0, 1] around `t` in which a hyperparameter keeps its value; of a real one, `t` itself twice. */
export function cellAround(hyper: Hyper, t: number): readonly [low: number, high: number] {
  if (hyper.kind === "real") return [t, t];
  if (hyper.kind === "choice") return equalCell(t, hyper.options.length);
  const { low, high, log } = hyper;
  if (!log) return equalCell(t, high + 1 - low);
  const n = naturalAt(hyper, t) as number;
  const width = Math.log(high + 1) - Math.log(low);
  return [(Math.log(n) - Math.log(low)) / width, (Math.log(n + 1) - Math.log(low)) / width];
}

function equalCell(t: number, count: number): readonly [number, number] {
  const at = Math.min(Math.floor(t * count), count - 1);
  return [at / count, (at + 1) / count];
}
