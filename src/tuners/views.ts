import type { Session } from "../engine/engine.ts";
import { HostArray, type HostArrays } from "../util/host-array.ts";
import type { Augmentation, Problem } from "../problem/problem.ts";
import { naturalColumns } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import { streamKey, uniformsAt } from "../util/random.ts";
import { pairedRows, rowCount } from "./antithetic.ts";
import type { TunerPrograms } from "./evaluate.ts";
import type { AugmentedInputs, Host, Perturbations, ViewsWanted } from "./host.ts";
import { oneAhead } from "./one-ahead.ts";

/**
 * The views of training examples that an augmentation makes, each at strengths of its own: one at λ, which plain training sees, and one for each
 * perturbed λ + ε, of which a response learns. Nothing differentiates them; the pair of views at +ε and -ε draws the same numbers.
 */

/** λ and s as a state holds them. */
export interface ViewPoint {
  readonly hypers: ArrayLike<number>;
  readonly scales?: ArrayLike<number>;
}

/** All that the views of a step are made of. */
export interface ViewStep {
  readonly problem: Problem;
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly step: number;
  readonly batch: HostArrays;
  readonly noise: HostArrays;
  /** z: [rows, size], or [1, size]. */
  readonly perturbation: HostArray;
  /** Rows of the training set. */
  readonly trainRows: number;
}

/**
 * Makes the views of each step while the engine works on the one before, unless a hyperparameter step comes between them. If one does that nobody
 * told of, what was made ahead is made anew.
 *
 * @param make a function of its arguments alone
 */
export function viewsAhead(
  session: Session<TunerPrograms>,
  make: (step: number, point: ViewPoint, wanted: ViewsWanted) => AugmentedInputs,
): Pick<Host, "trainInputs" | "run"> {
  let point: ViewPoint | undefined;
  let latest: ViewsWanted = {};
  const ahead = oneAhead((step) => make(step, point as ViewPoint, latest)); // nothing is made before the point is known
  return {
    run(program, inputs) {
      const running = session.run(program, inputs);
      if (trainingPrograms.has(program)) {
        if (point && !latest.tunesNext) ahead.prepare();
      } else {
        point = undefined;
        ahead.forget();
      }
      return running;
    },
    async trainInputs(step, wanted = {}) {
      point ??= await pointOf(session);
      if (wanted.at) return make(step, point, wanted);
      latest = wanted;
      return ahead.take(step);
    },
  };
}

/** What moves neither λ nor s, of which the views are made. */
const trainingPrograms: ReadonlySet<string> = new Set(["train", "trainWeights"]);

/** λ and s as the state holds them. */
async function pointOf(session: Pick<Session<TunerPrograms>, "read">): Promise<ViewPoint> {
  const { hypers, scales } = await session.read(["hypers", "scales"]);
  return { hypers: hypers.data, ...(scales && { scales: scales.data }) };
}

/** The views of one step, a function of its arguments alone. */
export function augmentedInputs(at: ViewStep, point: ViewPoint, wanted: ViewsWanted): AugmentedInputs {
  const { problem, augmentation, seed, step, batch, noise } = at;
  const { plain = true } = wanted;
  const perturbations = wanted.perturbations?.(step);
  const hypers = wanted.at ?? point.hypers;
  const rows = rowCount(batch);
  const view = (of: HostArrays, name: string, u: (row: number, k: number) => number) =>
    augmentation.view(
      of,
      naturalColumns(problem.space, augmentation.hypers, rowCount(of), u),
      drawsOf(seed, step, name),
    );
  const perturbed = (perturbations: Perturbations): HostArrays => {
    const kept = pairedRows(rows, at.trainRows, perturbations);
    const [drawn = 1] = at.perturbation.shape;
    const { size } = problem.space;
    const sigma = Array.from(point.scales ?? new Array<number>(size).fill(-Infinity), softplus.forward);
    const signs = perturbations === "independent" ? [1] : [1, -1];
    const some = kept === rows ? batch : firstRowsOf(batch, kept);
    const views = signs.map((sign) =>
      view(some, "perturbed", (row, k) => {
        const z = at.perturbation.data[(drawn === 1 ? 0 : row) * size + k] as number;
        return (hypers[k] as number) + sign * (sigma[k] as number) * z;
      }),
    );
    return views.length === 1 ? (views[0] as HostArrays) : joinedRows(views);
  };
  return {
    batch: plain ? view(batch, "plain", (_, k) => hypers[k] as number) : batch,
    noise,
    ...(perturbations && { perturbed: perturbed(perturbations) }),
  };
}

/** Numbers by the name of a draw: of the view, or of the step where both views draw alike. */
const drawsOf = (seed: number, step: number, view: string) => (name: string, count: number, shared?: true) =>
  uniformsAt(streamKey(seed, shared ? `augment ${name}` : `augment ${view} ${name}`), step, count);

const firstRowsOf = (fields: HostArrays, count: number): HostArrays =>
  mapFields(fields, ({ data, shape }) => {
    const rest = shape.slice(1);
    return new HostArray(data.subarray(0, (data.length / (shape[0] as number)) * count), [count, ...rest]);
  });

const joinedRows = (views: readonly HostArrays[]): HostArrays =>
  mapFields(views[0] as HostArrays, ({ data, shape }, name) => {
    const Data = data.constructor as new (length: number) => typeof data; // lost by TypeScript: the constructor of its own type
    const all = new Data(data.length * views.length);
    views.forEach((view, i) => all.set((view[name] as HostArray).data, i * data.length));
    return new HostArray(all, [(shape[0] as number) * views.length, ...shape.slice(1)]);
  });

const mapFields = (fields: HostArrays, change: (field: HostArray, name: string) => HostArray): HostArrays =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field, name)]));
