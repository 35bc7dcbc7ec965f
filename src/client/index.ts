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
import { briefText } from "../util/brief-text.ts";
import { answers } from "./answers.ts";
import { callsTo, connectRules, ServerError, type Call, type ConnectOptions } from "./connection.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { count, functionOf, objectWith, positive, text, type Rules } from "../util/rule.ts";
import { inputError } from "../util/error.ts";

export type { Asked, HyperSpec, StudySpec, ToldStudy, ToldTrial, TrialValues } from "../api/protocol.ts";
export { ServerError, type ConnectOptions } from "./connection.ts";

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

/** Milliseconds between two questions for work, where there was none. */
const PAUSE = 300;

const askRules: Rules<AskOptions> = { worker: text, lease: positive };

const optimizeRules: Rules<OptimizeOptions> = {
  ...{ ...askRules, parallel: count },
  signal: objectWith<AbortSignal>("a signal, such as new AbortController().signal", {
    addEventListener: "function",
  }),
};

/**
 * A client of the server at a URL.
 *
 * @throws {ServerError} for a URL or a token that no server has.
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 */
export function connect(url: string, options: ConnectOptions = {}): Client {
  if (typeof options === "string") throw inputError("the token must be given as connect(url, { token })"); // as in Python, and not shown
  ownOptions("connect", options, connectRules);
  const call = callsTo(url, options);
  return {
    async study(spec) {
      const { session } = await call(answers.created, "POST", "/v1/studies", spec);
      return studyAt(spec.name, session, call);
    },
  };
}

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
    ask: async (options = {}) => (await take(ownOptions("ask", options, askRules)))?.trial,
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
    async optimize(objective, how = {}) {
      demandGiven("optimize", { objective }, { objective: functionOf("of a trial") });
      const { parallel = 1, signal, ...options } = ownOptions("optimize", how, optimizeRules);
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
    `a study must have a trial that came to a loss, but all ${trials.length} of ${briefText(name)} failed, the first because: ${first.reason ?? "it said nothing"}; mend the objective`,
  );
}

/** What was thrown, which in JavaScript may be anything. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `the objective threw ${briefText(thrown)}, which has no text`;
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
      `an objective must return a number, or an object of a loss and other numbers, but returned ${briefText(result)}; convert it`,
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
