import { useState } from "preact/hooks";

import type { TrialRecord } from "../../src/study/next-segment.ts";
import { Said, useSaid, type Do } from "./acts.tsx";

/** Buttons that end a trial, try it again, or let another try values like its own. */
export function TrialActs({ study, trial, act }: { study: string; trial: TrialRecord; act: Do }) {
  const [said, tell] = useSaid();
  const own = (name: "fail" | "retry") => tell(act({ study, trial: trial.number, name }));
  const open = ["waiting", "running", "paused"].includes(trial.state);
  return (
    <>
      <p class="acts">
        {open && (
          <button type="button" onClick={() => own("fail")}>
            Let it fail
          </button>
        )}
        {trial.state === "failed" && (
          <button type="button" onClick={() => own("retry")}>
            Try it again
          </button>
        )}
      </p>
      <Said said={said} />
      <Enqueue key={trial.number} study={study} trial={trial} act={act} />
    </>
  );
}

/** The trial's values in fields; what they hold at the end is enqueued. */
function Enqueue({ study, trial, act }: { study: string; trial: TrialRecord; act: Do }) {
  const [said, tell] = useSaid();
  const [values, setValues] = useState(() =>
    Object.entries(trial.values).flatMap(([name, value]): [string, string][] =>
      typeof value === "object" ? [] : [[name, String(value)]],
    ),
  );
  return (
    <details>
      <summary>Try values like these</summary>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const body = { values: values.map(([name, value]) => `${name}=${value}`) };
          tell(act({ study, name: "enqueue", body }));
        }}
      >
        {values.map(([name, value], i) => (
          <label key={name}>
            <span>{name}</span>
            <input
              value={value}
              onInput={(event) => setValues(values.with(i, [name, event.currentTarget.value]))}
            />
          </label>
        ))}
        <button type="submit">Enqueue</button>
      </form>
      <Said said={said} />
    </details>
  );
}
