import type { Asked, TrialValues } from "../api/protocol.ts";
import { answers } from "./answers.ts";
import { ServerError, type Call } from "./connection.ts";

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

/** A trial, and how to leave it as it is: no more signs of life are given. */
export interface TakenTrial {
  readonly trial: HeldTrial;
  leave(): void;
}

/** A trial that a server has given, of which it is given signs of life from here on. */
export function trialAt(
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

/** What was measured beside a loss that is none, for people. */
const besides = (measures: Measures = {}): string =>
  Object.entries(measures)
    .map(([name, value]) => `, ${name} ${value}`)
    .join("");
