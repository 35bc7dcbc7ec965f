import type { CurvePoint } from "../../api/comparison.ts";
import type { MethodName } from "../../methods/lookup.ts";
import type { Config } from "../config/config.ts";
import { paramsOf, trackedName } from "../tracking/open-tracking.ts";
import { scoreScalars } from "../tracking/track-run.ts";
import type { Tracked, Tracker } from "../tracking/tracker.ts";
import type { ComparisonView } from "./progress.ts";

/** A view that tells a tracker, too: each method from each seed is a training, its best so far by the gradients that it took. */
export function trackedView(
  view: ComparisonView,
  tracker: Tracker | undefined,
  folder: string,
  config: Config,
  lossUnit?: string,
): ComparisonView {
  if (!tracker) return view;
  const { name } = trackedName(folder);
  const begun = new Map<string, Tracked>();
  const trackedOf = (method: string, seed: number): Tracked => {
    const own = `${name}/${method}-${seed}`;
    const known = begun.get(own);
    if (known) return known;
    const params = { ...paramsOf({ ...config, method: method as MethodName }, lossUnit), method, seed };
    const made = tracker.begin({ name: own, params });
    begun.set(own, made);
    return made;
  };
  const tell = (tracked: Tracked, { gradientEvaluations, seconds, valid, test }: CurvePoint): void =>
    tracked.see(gradientEvaluations, {
      ...scoreScalars("best/valid", valid),
      ...(test && scoreScalars("best/test", test)),
      seconds,
    });
  return {
    ...view,
    see(method, seed, point) {
      view.see(method, seed, point);
      tell(trackedOf(method, seed), point);
    },
    done(curve, before) {
      view.done(curve, before);
      const { method, seed, points, failed } = curve;
      const tracked = trackedOf(method, seed);
      if (before) for (const point of points) tell(tracked, point);
      tracked.end(failed === undefined ? "finished" : "failed");
    },
  };
}
