import { useState } from "preact/hooks";

import { go } from "../route.ts";
import { Said, useSaid, type Do } from "./acts.tsx";

/** Buttons that let a study end, or remove it once its name is written. */
export function StudyActs({ study, state, act }: { study: string; state: string; act: Do }) {
  const [said, tell] = useSaid();
  const [confirming, setConfirming] = useState(false);
  const [name, setName] = useState("");
  return (
    <>
      <p class="acts">
        {state === "open" && (
          <button type="button" onClick={() => tell(act({ study, name: "stop" }))}>
            Stop the study
          </button>
        )}
        <button type="button" aria-expanded={confirming} onClick={() => setConfirming(!confirming)}>
          Delete…
        </button>
      </p>
      {confirming && (
        <form
          class="acts"
          onSubmit={(event) => {
            event.preventDefault();
            const doing = act({ study, name: "delete", body: { name } });
            tell(doing);
            doing.then(() => go("/")).catch(() => {}); // which is told already
          }}
        >
          <label>
            It is gone for good. Write its name:{" "}
            <input value={name} onInput={(event) => setName(event.currentTarget.value)} autoFocus />
          </label>
          <button type="submit" class="danger" disabled={name !== study}>
            Delete {study}
          </button>
        </form>
      )}
      <Said said={said} />
    </>
  );
}
