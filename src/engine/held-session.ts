import { inputError, type HypertrainError } from "../util/error.ts";
import type { Programs, Session } from "./engine.ts";

/** What holds what dispose() frees, and what to do where that was freed, as a message says them. */
export interface Holder {
  readonly holder: string;
  readonly anew: string;
}

/** That something was asked for which was freed. */
export const freedError = ({ holder, anew }: Holder): HypertrainError =>
  inputError(`${holder} must be used before dispose() frees it, but was freed; ${anew}`);

/**
 * A session whose holder may free it twice, and is told in one sentence where it asks afterwards, which no engine can know.
 */
export function heldSession<P extends Programs>(session: Session<P>, of: Holder): Session<P> {
  let freed = false;
  const refusal = () => freedError(of);
  return {
    run: (program, inputs) => (freed ? Promise.reject(refusal()) : session.run(program, inputs)),
    read: (parts) => (freed ? Promise.reject(refusal()) : session.read(parts)),
    write(state) {
      if (freed) throw refusal();
      session.write(state);
    },
    dispose() {
      if (freed) return;
      freed = true;
      session.dispose();
    },
  };
}
