import { inputError } from "../util/error.ts";
import type { Programs, Session } from "./engine.ts";

/**
 * A session whose holder may free it twice, and is told in one sentence where it asks afterwards, which no engine can know.
 *
 * @param of what holds it, and what to do where that was freed, as a message says them
 */
export function heldSession<P extends Programs>(
  session: Session<P>,
  of: { readonly holder: string; readonly anew: string },
): Session<P> {
  let freed = false;
  const refusal = () =>
    inputError(`${of.holder} must be used before dispose() frees it, but was freed; ${of.anew}`);
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
