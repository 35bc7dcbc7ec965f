import type { StudySpec } from "../api/protocol.ts";
import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import { answers } from "./answers.ts";
import { callsTo, connectRules, type ConnectOptions } from "./connection.ts";
import { studyAt, type ClientStudy } from "./study.ts";

/** A server of studies. */
export interface Client {
  /** Creates a study, or finds the one of the same name and space. */
  study(spec: StudySpec): Promise<ClientStudy>;
}

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
