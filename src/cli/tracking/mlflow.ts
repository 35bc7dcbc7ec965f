import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { outbox } from "./outbox.ts";
import type { Tracked, TrackedEnd, TrackedTraining, Tracker } from "./tracker.ts";

/** What talking to a tracking server of MLflow needs. */
export interface MlflowOptions {
  readonly url: string;
  /** The experiment that the runs are of; made where there is none. */
  readonly experiment: string;
  readonly clock: { now(): number };
  /** `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, as MLflow's own client takes them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that it may take at the end; default ten seconds. */
  readonly patience?: number;
}

/**
 * Tells trainings to a tracking server by MLflow's REST API 2.0: a run each, with parameters and metrics; trials are runs of their search's
 * run.
 *
 * @throws {HypertrainError} where the URL is none.
 */
export function mlflow({ url, experiment, clock, env, patience }: MlflowOptions): Tracker {
  const { base, name } = demandServer(url);
  const headers = { "content-type": "application/json", ...credentials(env) };
  const runs = new Map<TrackedTraining, string>();
  const ids = new Map<string, string>(); // of the runs by name
  let experimentId: string | undefined;

  const call = async (path: string, body: object | undefined, signal: AbortSignal): Promise<Answer> => {
    const response = await fetch(`${base}/api/2.0/mlflow/${path}`, {
      ...(body && { method: "POST", body: JSON.stringify(body) }),
      headers,
      redirect: "error", // a sign-in page
      signal: AbortSignal.any([signal, AbortSignal.timeout(SLOW)]),
    });
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.ok) return answer;
    throw new MlflowError(response.status, answer.error_code, answer.message ?? response.statusText);
  };

  const experimentOf = async (signal: AbortSignal): Promise<string> => {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`;
    const found = await call(query, undefined, signal).catch((error: unknown) => {
      if (error instanceof MlflowError && error.status === 404) return undefined;
      throw error;
    });
    const id = found?.experiment?.experiment_id;
    return id ?? String((await call("experiments/create", { name: experiment }, signal)).experiment_id);
  };

  const begin = async ({ training, at }: Begun, signal: AbortSignal): Promise<void> => {
    experimentId ??= await experimentOf(signal);
    const parent = training.parent === undefined ? undefined : ids.get(training.parent);
    const tags = [
      { key: "mlflow.runName", value: training.name },
      { key: "mlflow.source.name", value: "hypertrain" },
      ...(parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }]),
    ];
    const made = { experiment_id: experimentId, run_name: training.name, start_time: at, tags };
    const id = runs.get(training) ?? (await call("runs/create", made, signal)).run?.info.run_id;
    if (id === undefined) throw new MlflowError(200, undefined, "no run, so it is no server of MLflow");
    runs.set(training, id); // so that trying again makes no second one
    ids.set(training.name, id);
    const params = Object.entries(training.params).map(([key, value]) => ({
      ...{ key: keyOf(key), value: String(value).slice(0, LONGEST_PARAM) },
    }));
    for (let i = 0; i < params.length; i += MOST_PARAMS) {
      await call("runs/log-batch", { run_id: id, params: params.slice(i, i + MOST_PARAMS) }, signal);
    }
  };

  const send = async (waiting: readonly Told[], signal: AbortSignal): Promise<number> => {
    const [first] = waiting as [Told, ...Told[]];
    const { training } = first;
    if (first.kind === "begun") {
      await begin(first, signal);
      return 1;
    }
    const id = runs.get(training);
    if (id === undefined) throw new MlflowError(404, undefined, "its run could not be made");
    if (first.kind === "ended") {
      await call("runs/update", { run_id: id, status: STATUS[first.how], end_time: first.at }, signal);
      return 1;
    }
    const other = waiting.findIndex((told) => told.kind !== "seen" || told.training !== training);
    const own = (other < 0 ? waiting : waiting.slice(0, other)) as readonly Seen[]; // up to the first that is not
    const count = countWithin(own);
    const metrics = own.slice(0, count).flatMap(metricsOf);
    for (let i = 0; i < metrics.length; i += MOST_METRICS) {
      await call("runs/log-batch", { run_id: id, metrics: metrics.slice(i, i + MOST_METRICS) }, signal);
    }
    return count;
  };

  const box = outbox<Told>({
    send,
    isFinal: (error) => error instanceof MlflowError && error.status < 500 && error.status !== 429,
    ...(patience !== undefined && { patience }),
  });
  return {
    begin(training): Tracked {
      const add = (told: Omit<Begun, Own> | Omit<Seen, Own> | Omit<Ended, Own>) =>
        box.add({ ...told, training, at: Math.round(clock.now()) } as Told); // the parts of one of them
      add({ kind: "begun" });
      return {
        see: (step, scalars) => add({ kind: "seen", step, scalars }),
        end: (how) => add({ kind: "ended", how }),
      };
    },
    async close() {
      const { lost, why = "it did not answer in time" } = await box.close();
      if (lost === 0) return [];
      return [
        `warning: MLflow at ${name} was not told all of this run, ${lost} of its messages are missing: ${oneLine(why)}`,
      ];
    },
  };
}

/** What a server that answers says no with. */
class MlflowError extends Error {
  readonly status: number;
  constructor(status: number, code: string | undefined, said: string) {
    super(`it answered ${[status, code].filter(Boolean).join(" ")}: ${said}`);
    this.status = status;
  }
}

interface Answer {
  readonly error_code?: string;
  readonly message?: string;
  readonly experiment?: { readonly experiment_id: string };
  readonly experiment_id?: string;
  readonly run?: { readonly info: { readonly run_id: string } };
}

/** Something that happened, at a time in milliseconds since 1970. */
type Told = Begun | Seen | Ended;
type Own = "training" | "at";
interface Begun {
  readonly kind: "begun";
  readonly training: TrackedTraining;
  readonly at: number;
}
interface Seen extends Omit<Begun, "kind"> {
  readonly kind: "seen";
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}
interface Ended extends Omit<Begun, "kind"> {
  readonly kind: "ended";
  readonly how: TrackedEnd;
}

const STATUS = { finished: "FINISHED", failed: "FAILED", stopped: "KILLED" } satisfies Record<
  TrackedEnd,
  string
>;

/* The server's limits of one request, and ours of how long it may take. */
const MOST_METRICS = 1000;
const MOST_PARAMS = 100;
const LONGEST_PARAM = 500;
const SLOW = 10_000;

/** How many evaluations go into one request; at least one. */
function countWithin(seen: readonly Seen[]): number {
  let metrics = 0;
  const over = seen.findIndex(({ scalars }) => (metrics += Object.keys(scalars).length) > MOST_METRICS);
  return over < 0 ? seen.length : Math.max(1, over);
}

const metricsOf = ({ scalars, step, at }: Seen): readonly object[] =>
  Object.entries(scalars).map(([key, value]) => ({
    ...{ key: keyOf(key), timestamp: at, step },
    value: Number.isFinite(value) ? value : String(value), // as JSON of Protocol Buffers writes what JSON has no number for
  }));

/** MLflow takes letters, digits and _-./ and blanks in names. */
const keyOf = (key: string): string => key.replace(/[^\w\-./ ]/g, "_").slice(0, 250);

/** The server's address, and what it is called in messages: without a password. */
function demandServer(url: string): { readonly base: string; readonly name: string } {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw inputError(
      `--mlflow must be the http:// or https:// address of a tracking server, but got "${oneLine(parsed ? parsed.protocol + "//" + parsed.host : url)}"; write for example --mlflow http://localhost:5000`,
    );
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw inputError(
      `--mlflow must be an address without a user and a password, but got one with them for ${oneLine(parsed.host)}; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN`,
    );
  }
  return { base: `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`, name: parsed.origin };
}

function credentials(env: MlflowOptions["env"]): Readonly<Record<string, string>> {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = env;
  if (token) return { authorization: `Bearer ${token}` };
  if (!user) return {};
  const both = `${user}:${env["MLFLOW_TRACKING_PASSWORD"] ?? ""}`;
  return { authorization: `Basic ${Buffer.from(both).toString("base64")}` };
}
