import { useState } from "preact/hooks";

import type { RunSummary } from "../../src/cli/views/run-summary.ts";
import type { ComparisonLine } from "../../src/cli/dashboard/comparison-source.ts";
import type { StudyLine } from "../../src/cli/dashboard/study-source.ts";
import { validText } from "../../src/report/refit.ts";
import { comparison } from "../route.ts";
import type { Overview } from "../source.ts";
import { shortNumber } from "../study-data.ts";
import { State, Units } from "./parts.tsx";

/** The studies, the runs and the comparisons, in a table each. */
export function OverviewView({ overview }: { overview: Overview }) {
  const { studies, runs, comparisons } = overview;
  const [chosen, setChosen] = useState<Chosen>({ studies: [], runs: [] });
  const toggle = (kind: keyof Chosen) => (name: string) =>
    setChosen({
      ...chosen,
      [kind]: chosen[kind].includes(name)
        ? chosen[kind].filter((one) => one !== name)
        : [...chosen[kind], name],
    });
  const count = chosen.studies.length + chosen.runs.length;
  return (
    <>
      <h1>hypertrain</h1>
      {studies.length + runs.length > 1 && (
        <p class="tools">
          {count < 2 ? (
            <span class="muted">Choose two or more to compare them.</span>
          ) : (
            <a href={comparison(chosen.studies, chosen.runs)}>Compare {count}</a>
          )}
        </p>
      )}
      {studies.length > 0 && <Studies studies={studies} chosen={chosen.studies} toggle={toggle("studies")} />}
      {runs.length > 0 && <Runs runs={runs} chosen={chosen.runs} toggle={toggle("runs")} />}
      {comparisons.length > 0 && <Comparisons comparisons={comparisons} />}
      {studies.length + runs.length + comparisons.length === 0 && (
        <p class="lead">
          There is nothing here yet. A run of <code>hypertrain tune</code> appears as soon as it begins.
        </p>
      )}
    </>
  );
}

interface Chosen {
  readonly studies: readonly string[];
  readonly runs: readonly string[];
}

interface Choosing {
  readonly chosen: readonly string[];
  readonly toggle: (name: string) => void;
}

const Check = ({ name, chosen, toggle }: Choosing & { name: string }) => (
  <input
    type="checkbox"
    aria-label={`compare ${name}`}
    checked={chosen.includes(name)}
    onChange={() => toggle(name)}
  />
);

const Studies = ({ studies, ...choosing }: Choosing & { studies: readonly StudyLine[] }) => (
  <section>
    <h2>Studies</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>study</th>
            <th class="word">state</th>
            <th>best loss</th>
            <th>trials wanted</th>
          </tr>
        </thead>
        <tbody>
          {studies.map(({ name, state, of, best }) => (
            <tr key={name}>
              <td>
                <Check name={name} {...choosing} /> <a href={`#/study/${encodeURIComponent(name)}`}>{name}</a>
              </td>
              <td class="word">
                <State state={state} />
              </td>
              <td>{best === null ? "–" : shortNumber(best)}</td>
              <td>{of}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    <Units of={studies} />
  </section>
);

const Runs = ({ runs, ...choosing }: Choosing & { runs: readonly RunSummary[] }) => (
  <section>
    <h2>Runs</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>run</th>
            <th class="word">state</th>
            <th>best validation loss</th>
            <th class="word">data</th>
            <th class="word">method</th>
            <th>epochs</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ run, state, data, method, epochs, refitted, valid }) => (
            <tr key={run}>
              <td>
                <Check name={run} {...choosing} /> <a href={`#/run/${encodeURIComponent(run)}`}>{run}</a>
              </td>
              <td class="word">
                <State state={state} />
              </td>
              <td>{valid === null ? "–" : validText(shortNumber(valid.loss), refitted !== null)}</td>
              <td class="word">{data}</td>
              <td class="word">{method}</td>
              <td>{epochs === null ? "–" : shortNumber(epochs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    <Units of={runs.map(({ run: name, lossUnit }) => ({ name, lossUnit }))} />
  </section>
);

const Comparisons = ({ comparisons }: { comparisons: readonly ComparisonLine[] }) => (
  <section>
    <h2>Comparisons</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>comparison</th>
            <th class="word">best method</th>
            <th>median of its losses</th>
            <th class="word">data</th>
            <th>methods</th>
            <th>seeds</th>
          </tr>
        </thead>
        <tbody>
          {comparisons.map(({ name, title, best, loss, methods, seeds }) => (
            <tr key={name}>
              <td>
                <a href={`#/comparison/${encodeURIComponent(name)}`}>{name}</a>
              </td>
              <td class="word">{best}</td>
              <td>{loss === null ? "–" : shortNumber(loss)}</td>
              <td class="word">{title}</td>
              <td>{methods}</td>
              <td>{seeds}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    <Units of={comparisons} />
  </section>
);
