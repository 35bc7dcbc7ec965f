/**
 * A client of `hypertrain serve`, for programs that search their own hyperparameters: in Node, Deno, Bun and browsers.
 *
 * ```ts
 * import { connect } from "hypertrain/client";
 *
 * const study = await connect("http://127.0.0.1:7718").study({ name: "mine", space: { x: { kind: "real", low: -5, high: 5 } } });
 * await study.optimize(async ({ values }) => (Number(values.x) - 1) ** 2);
 * console.log(await study.best());
 * ```
 */
import type { Asked, StudySpec, ToldStudy, ToldTrial, TrialValues } from "../api/protocol.ts";
import { shown } from "../util/shown.ts";

export type { Asked, HyperSpec, StudySpec, ToldStudy, ToldTrial, TrialValues } from "../api/protocol.ts";

/** How to reach a server. */
export interface ConnectOptions {
  /** What the server was started with as HYPERTRAIN_TOKEN. */
  readonly token?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Milliseconds for which a server that went away, or answers 429, 502, 503 or 504, is asked again; default a minute. One that never answered is asked for five seconds at most. */
  readonly patience?: number;
  /**
   * Milliseconds in which an open connection may say nothing, after which it is taken for broken and `patience` begins; default ten minutes,
   * as a server itself waits up to five for its database (Node's own `fetch` waits no longer than five). A second more for each 100 KB on
   * the way.
   */
  readonly silence?: number;
}

/** A server of studies. */
export interface Client {
  /** Creates a study, or finds the one of the same name and space. */
  study(spec: StudySpec): Promise<ClientStudy>;
}

/** A study on a server. */
export interface ClientStudy {
  readonly name: string;
  /** A trial to train, or undefined when nothing is left; waits as long as others decide what is next. */
  ask(options?: AskOptions): Promise<HeldTrial | undefined>;
  /** Lets one of the next trials try these values. */
  enqueue(values: TrialValues): Promise<void>;
  show(): Promise<ToldStudy>;
  /** The trial of the lowest loss so far that keeps the study's bounds. */
  best(): Promise<ToldTrial | undefined>;
  /** The trials so far that keep the study's bounds and than which no other is better in all its objectives, ordered by the first. */
  front(): Promise<readonly ToldTrial[]>;
  /**
   * Asks and tells until nothing is left; what `objective` throws fails its trial alone.
   *
   * @throws {ServerError} where the server cannot do what it is asked; others get the trial then, once its lease is over.
   * @throws {Error} at the end where all trials of the study have failed without a loss, with the reason of the first.
   */
  optimize(objective: TrialObjective, options?: OptimizeOptions): Promise<void>;
}

/** The loss, and what else was measured. */
export interface TrialResult {
  /** Default: the one reported at the trial's budget. */
  readonly loss?: number;
  readonly [measure: string]: number;
}

/** Tries a trial's values: gives its loss, or with it what else it measured. */
export type TrialObjective = (trial: HeldTrial) => Promise<number | TrialResult> | number | TrialResult;

/** How to ask. */
export interface AskOptions {
  /** What the worker calls itself. */
  readonly worker?: string;
  /** Seconds without a sign of life after which another gets the trial; default 60. Signs are given while it is open. */
  readonly lease?: number;
}

/** How to optimize. */
export interface OptimizeOptions extends AskOptions {
  /** Trials at once, at least 1; default 1. */
  readonly parallel?: number;
  /** Aborted, for example at Ctrl-C, trials under way are handed back, for others to go on with, and nothing more is asked for. */
  readonly signal?: AbortSignal;
}

/** A trial that this program holds until it tells. */
export interface HeldTrial {
  readonly number: number;
  readonly attempt: number;
  readonly values: TrialValues;
  /** How far it is trained already. */
  readonly from: number;
  /** How far it is to be trained. */
  readonly to: number;
  /** A loss on the way, and what else was measured. @returns whether to go on; false when `to` is reached */
  report(loss: number, budget: number, measures?: Measures): Promise<boolean>;
  /** Ends it at a loss, with what else was measured; without one, at the one reported at `to`. One that is not finite fails it, and the reason has the measures. */
  tell(loss?: number, measures?: Measures): Promise<void>;
  fail(reason: string): Promise<void>;
  /** Ends it unfinished: another gets it, from its last checkpoint on. */
  handBack(): Promise<void>;
  /** Keeps bytes to go on from. */
  keep(checkpoint: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The bytes that it goes on from, if there are any. */
  checkpoint(): Promise<Uint8Array | undefined>;
}

/** What a trial measured beside its loss, by name: for `hypertrain study pareto`. */
export type Measures = Readonly<Record<string, number>>;

/** What a server refused, or that it cannot be reached. */
export class ServerError extends Error {
  /** The HTTP status: 409 where a trial went on elsewhere; 0 where no server of hypertrain answers. */
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServerError";
    this.status = status;
  }
}

/** Milliseconds between two questions for work, where there was none. */
const PAUSE = 300;

/** Milliseconds for which a server that has not answered yet is asked: it may just be starting. */
const FIRST = 5_000;

/** Milliseconds of silence after which a connection is taken for broken. */
const SILENCE = 600_000;

/** The most milliseconds that timers of JavaScript take. */
const LONGEST = 2 ** 31 - 1;

/** What a server says that cannot answer now, or a proxy before it. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Bytes a millisecond that the slowest way to a server carries. */
const SLOWEST = 100;

/** A client of the server at a URL. @throws {ServerError} for a URL or a token that no server has. */
export function connect(url: string, options: ConnectOptions = {}): Client {
  if (typeof options === "string") throw new TypeError("the token must be given as connect(url, { token })"); // as in Python
  const { token, fetch: ask = fetch, patience = 60_000, silence = SILENCE } = options;
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new ServerError(
      401,
      "the token must be of Latin letters, digits and signs without spaces, as every server's is; give the one that it was started with as HYPERTRAIN_TOKEN",
    );
  }
  if (!(patience >= 0 && silence > 0)) {
    throw new RangeError(
      `patience must be milliseconds from 0 and silence above 0, but got ${shown(patience)} and ${shown(silence)}; leave them out for one minute and ten`,
    );
  }
  const base = baseOf(url);
  let reached = false;
  const askOnce = (method: string, path: string, body: CallBody, limit: number): Promise<Reply> => {
    const bytes = body instanceof Uint8Array;
    const type = bytes ? "application/octet-stream" : "application/json";
    const sent = bytes ? body : body && JSON.stringify(body);
    return whileHeard(limit, async (signal, expect) => {
      expect(sent?.length ?? 0);
      const response = await ask(`${base}${path}`, {
        ...{ method, signal },
        headers: { "Content-Type": type, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
        ...(sent !== undefined && { body: sent }),
      });
      expect(Number(response.headers.get("Content-Length")));
      const [kind = ""] = (response.headers.get("Content-Type") ?? "").split(";");
      return { status: response.status, kind, bytes: new Uint8Array(await response.arrayBuffer()) };
    });
  };
  const call: Call = async (reading, method, path, body, { repeats = "always", within = Infinity } = {}) => {
    let enough: AbortSignal | undefined;
    for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
      try {
        const reply = await askOnce(method, path, body, Math.min(silence, within));
        reached = true;
        if (reply.status >= 200 && reply.status < 300) return demandAnswer(reading, reply, base);
        throw new ServerError(reply.status, reasonOf(reply));
      } catch (error) {
        const refused = error instanceof ServerError;
        if (refused && !(repeats === "always" && BUSY.has(error.status))) throw error;
        const most = reached ? patience : Math.min(patience, FIRST);
        const may = repeats === "always" || (repeats === "unheard" && wasUnheard(error));
        if (!may || most === 0 || enough?.aborted) throw refused ? error : unreachable(base, error, repeats);
        enough ??= AbortSignal.timeout(Math.ceil(Math.min(most, LONGEST)));
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  return {
    async study(spec) {
      const { session } = await call(answers.created, "POST", "/v1/studies", spec);
      return studyAt(spec.name, session, call);
    },
  };
}

/** A server's URL without its last slash. @throws {ServerError} for one that can never be reached. */
function baseOf(url: string): string {
  const base = String(url).replace(/\/$/, "");
  try {
    const { protocol, username } = new URL(base);
    if (/^https?:$/.test(protocol) && username === "") return base;
  } catch {
    // it is no URL
  }
  throw new ServerError(
    0,
    `the server's URL must be as http://127.0.0.1:7718 is, or begin with https://, but got ${shown(url)}; give the one that \`hypertrain serve\` prints`,
  );
}

type CallBody = object | Uint8Array<ArrayBuffer> | undefined;

/**
 * Asks the server, and again where it cannot be reached.
 *
 * @throws {ServerError} for what it refused, where it stays away, and where it is no server of hypertrain
 */
type Call = <T>(
  reading: Reading<T>,
  method: string,
  path: string,
  body?: CallBody,
  how?: CallOptions,
) => Promise<T>;

interface CallOptions {
  /** When to ask again: always, the default, since to be told once more changes nothing; only where it cannot have heard of it; or never. */
  readonly repeats?: "always" | "unheard" | "never";
  /** Milliseconds of silence that it may take, where these are fewer than the connection may. */
  readonly within?: number;
}

/**
 * Lets something end that hears nothing any more.
 *
 * @param limit milliseconds between two signs of life
 * @param act is given how to say that there was one, and that so many bytes are to come next
 */
async function whileHeard<T>(
  limit: number,
  act: (signal: AbortSignal, expect: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const silent = new AbortController();
  const end = () => silent.abort(new Error(`it said nothing for ${Math.round(limit) / 1000} seconds`));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expect = (bytes: number) => {
    clearTimeout(timer);
    timer = setTimeout(end, Math.min(limit + bytes / SLOWEST, LONGEST));
  };
  try {
    return await act(silent.signal, expect);
  } finally {
    clearTimeout(timer);
  }
}

interface Reply {
  readonly status: number;
  /** Its media type. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

function reasonOf({ status, bytes }: Reply): string {
  try {
    const { error } = JSON.parse(textOfBytes(bytes)) as { readonly error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // a proxy's page
  }
  return `the server answered ${status}`;
}

/** What Node, Deno and Bun say of a connection that was never made; browsers say nothing. */
const wasUnheard = (error: unknown): boolean => /REFUSED|NOTFOUND|EAI_AGAIN|UNREACH/i.test(causeOf(error));

function causeOf(error: unknown): string {
  const { code, message, cause } = error as {
    code?: string;
    message?: string;
    cause?: { code?: string; message?: string };
  };
  return String(cause?.code ?? cause?.message ?? code ?? message);
}

const unreachable = (base: string, cause: unknown, repeats: string): ServerError =>
  new ServerError(
    0,
    `the server ${base} must be within reach, but is not: ${causeOf(cause)}; start it, or check the address${repeats === "unheard" && !wasUnheard(cause) ? "; it may have heard of this, so look before you repeat it" : ""}`,
    { cause },
  );

const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What an answer says; undefined where it is none of `hypertrain serve`. */
type Reading<T> = (reply: Reply) => T | undefined;

/** Demands an answer of `hypertrain serve`: what stands in between may give a page of its own. */
function demandAnswer<T>(reading: Reading<T>, reply: Reply, base: string): T {
  const answer = reading(reply);
  if (answer !== undefined) return answer;
  throw new ServerError(
    0,
    `the server ${base} must be one of hypertrain, but answered ${shown(textOfBytes(reply.bytes.subarray(0, 200)))}; check the address, and what stands in between`,
  );
}

/** An answer in JSON whose fields are of these kinds. */
const jsonOf =
  <T extends object>(fields: {
    readonly [name: string]: "string" | "number" | "boolean" | "object" | "array";
  }): Reading<T> =>
  ({ bytes }) => {
    try {
      const told = JSON.parse(textOfBytes(bytes)) as Readonly<Record<string, unknown>> | null;
      return Object.entries(fields).every(([name, kind]) => kindOf(told?.[name]) === kind)
        ? (told as T) // whose fields were looked at
        : undefined;
    } catch {
      return undefined;
    }
  };

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "array" : value === null ? "null" : typeof value;

const numbers = {
  trial: "number",
  attempt: "number",
  from: "number",
  to: "number",
  lease: "number",
} as const;
const readings = {
  kind: jsonOf<Asked>({ kind: "string" }),
  trial: jsonOf<Asked>({ ...numbers, room: "string", values: "object", checkpoint: "boolean" }),
};

/** How each answer is read. */
const answers = {
  created: jsonOf<{ readonly session: string }>({ session: "string" }),
  study: jsonOf<ToldStudy>({ name: "string", state: "string", front: "array", trials: "array" }),
  asked(reply: Reply) {
    const asked = readings.kind(reply);
    if (asked?.kind === "trial") return readings.trial(reply);
    return asked?.kind === "wait" || asked?.kind === "done" ? asked : undefined;
  },
  decision: jsonOf<{ readonly decision: string }>({ decision: "string" }),
  held: jsonOf({ held: "boolean" }),
  told: jsonOf({ told: "boolean" }),
  done: jsonOf({ done: "boolean" }),
  bytes: ({ kind, bytes }: Reply) => (kind === "application/octet-stream" ? bytes : undefined),
};

function studyAt(name: string, session: string, call: Call): ClientStudy {
  let questions = 0;
  const path = `/v1/studies/${encodeURIComponent(name)}`;
  const show = () => call(answers.study, "GET", path);
  const take = async (options: AskOptions = {}, signal?: AbortSignal): Promise<TakenTrial | undefined> => {
    while (!signal?.aborted) {
      const { worker, lease } = options;
      const request = `${session}/${questions++}`; // by which the server gives the same trial again
      const asked = await call(answers.asked, "POST", `${path}/ask`, { worker, lease, request });
      if (asked.kind === "done") return undefined;
      if (asked.kind === "trial") return trialAt(asked, `${path}/trials/${asked.trial}`, call);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return undefined;
  };
  return {
    ...{ name, show },
    ask: async (options) => (await take(options))?.trial,
    enqueue: async (values) =>
      void (await call(answers.done, "POST", `${path}/enqueue`, { values }, { repeats: "unheard" })),
    async best() {
      const { best, trials } = await show();
      return trials.find(({ number }) => number === best);
    },
    async front() {
      const { front, trials } = await show();
      return front.map((number) => trials[number] as ToldTrial); // trials stand by their numbers
    },
    async optimize(objective, { parallel = 1, signal, ...options } = {}) {
      if (!(Number.isInteger(parallel) && parallel >= 1)) {
        throw new RangeError(
          `parallel must be an integer of at least 1, but got ${shown(parallel)}; leave it out for one trial at a time`,
        );
      }
      const over = new AbortController();
      const end = () => over.abort();
      const ended = new Promise<typeof ENDED>((resolve) => {
        over.signal.addEventListener("abort", () => resolve(ENDED));
      });
      if (signal?.aborted) end();
      signal?.addEventListener("abort", end);
      const next = () => take(options, over.signal);
      const work = async (first: TakenTrial) => {
        for (let taken: TakenTrial | undefined = first; taken; taken = await next()) {
          const { trial, leave } = taken;
          await trained(trial, objective, ended).catch(demandElsewhere).finally(leave);
        }
      };
      /** Starts another as long as there is a trial for it. */
      const upTo = async (workers: number): Promise<void> => {
        const first = workers > 0 ? await next() : undefined;
        if (first) await Promise.all([work(first), upTo(workers - 1)]);
      };
      try {
        await upTo(parallel);
      } finally {
        signal?.removeEventListener("abort", end);
        end(); // what else is under way where one could not go on
      }
      if (!signal?.aborted) demandLoss(await show());
    },
  };
}

/** Demands that some trial of a study came to a loss, or still may. */
function demandLoss({ name, trials }: ToldStudy): void {
  const [first] = trials;
  if (!first || trials.some(({ state, best }) => state !== "failed" || best !== null)) return;
  throw new Error(
    `a study must have a trial that came to a loss, but all ${trials.length} of ${shown(name)} failed, the first because: ${first.reason ?? "it said nothing"}; mend the objective`,
  );
}

/** What was thrown, which in JavaScript may be anything. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `the objective threw ${shown(thrown)}, which has no text`;
  }
}

/** What an objective returned, which in JavaScript may be anything; without a loss where it returned nothing, as what it reported counts. */
function measuredIn(
  result: unknown,
): { readonly loss: number | undefined; readonly measures: Measures } | undefined {
  const told = typeof result === "object" && result !== null ? result : { loss: result };
  const isMeasure = (value: unknown) => value === undefined || typeof value === "number";
  if (Array.isArray(told) || !Object.values(told).every(isMeasure)) return undefined;
  const { loss, ...measures } = told as Measures; // JSON leaves out what is undefined
  return { loss, measures };
}

/** Lets a trial be that went on elsewhere. */
function demandElsewhere(error: unknown): void {
  if (!(error instanceof ServerError && error.status === 409)) throw error;
}

/** What comes in the place of a result where the program is to end. */
const ENDED = Symbol("ended");

/** Tries a trial, and tells how it fared. */
async function trained(
  trial: HeldTrial,
  objective: TrialObjective,
  ended: Promise<typeof ENDED>,
): Promise<void> {
  let result: unknown;
  try {
    result = await Promise.race([objective(trial), ended]);
  } catch (error) {
    if (!(error instanceof ServerError)) return trial.fail(textOf(error));
    if (error.status === 400) return trial.fail(error.message);
    throw error; // which is not the trial's
  }
  if (result === ENDED) return trial.handBack();
  const measured = measuredIn(result);
  if (!measured) {
    return trial.fail(
      `an objective must return a number, or an object of a loss and other numbers, but returned ${shown(result)}; convert it`,
    );
  }
  const { loss, measures } = measured;
  await trial.tell(loss, measures).catch((error: unknown) => {
    if (error instanceof ServerError && error.status === 400) return trial.fail(error.message); // no loss, or an odd one
    throw error;
  });
}

/** What was measured beside a loss that is none, for people. */
const besides = (measures: Measures = {}): string =>
  Object.entries(measures)
    .map(([name, value]) => `, ${name} ${value}`)
    .join("");

/** A trial, and how to leave it as it is: no more signs of life are given. */
interface TakenTrial {
  readonly trial: HeldTrial;
  leave(): void;
}

function trialAt(
  { trial: number, attempt, room, values, from, to, lease, checkpoint }: Extract<Asked, { kind: "trial" }>,
  path: string,
  call: Call,
): TakenTrial {
  const held = { attempt, room };
  const pause = (1000 * lease) / 3;
  const leave = () => clearInterval(beating);
  const beating = setInterval(() => {
    const how = { repeats: "never", within: pause } as const;
    call(answers.held, "PUT", `${path}/heartbeat`, held, how).catch((error: unknown) => {
      if (error instanceof ServerError && error.status === 409) leave(); // else the next report says so
    });
  }, pause);
  const end = async (told: object) => {
    await call(answers.told, "POST", `${path}/tell`, { ...held, ...told }).catch((error: unknown) => {
      if (!(error instanceof ServerError && error.status === 400)) leave(); // it may be told otherwise
      throw error;
    });
    leave();
  };
  const trial: HeldTrial = {
    ...{ number, attempt, values, from, to },
    async report(loss, budget, measures) {
      const { decision } = await call(answers.decision, "POST", `${path}/points`, {
        ...held,
        loss,
        budget,
        measures,
      });
      return decision === "go on";
    },
    tell: (loss, measures) =>
      loss === undefined || Number.isFinite(loss)
        ? end({ loss, measures })
        : end({ failed: `its loss was ${loss}${besides(measures)}` }),
    fail: (failed) => end({ failed }),
    handBack: () => end({ handBack: true }),
    keep: async (bytes) =>
      void (await call(
        answers.held,
        "PUT",
        `${path}/checkpoint?attempt=${attempt}&room=${encodeURIComponent(room)}`,
        bytes,
      )),
    checkpoint: async () =>
      checkpoint
        ? call(answers.bytes, "GET", `${path}/checkpoint?room=${encodeURIComponent(room)}`)
        : undefined,
  };
  return { trial, leave };
}
