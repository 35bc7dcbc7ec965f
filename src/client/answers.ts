import type { Asked, ToldStudy } from "../api/protocol.ts";
import { textOfBytes, type AnswerReader, type Reply } from "./connection.ts";

/** An answer in JSON whose fields are of these kinds. */
const jsonOf =
  <T extends object>(fields: {
    readonly [name: string]: "string" | "number" | "boolean" | "object" | "array";
  }): AnswerReader<T> =>
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
export const answers = {
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
