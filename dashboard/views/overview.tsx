import type { RunSummary } from "../../src/cli/run-summary.ts";
import type { StudyLine } from "../../src/cli/dashboard/study-source.ts";
import type { Overview } from "../source.ts";
import { shortNumber } from "../study-data.ts";

/** The studies and the runs, in two tables. */
export function OverviewView({ overview }: { overview: Overview }) {
  const { studies, runs } = overview;
  return (
    <>
      <h1>hypertrain</h1>
      {studies.length > 0 && <Studies studies={studies} />}
      {runs.length > 0 && <Runs runs={runs} />}
      {studies.length + runs.length === 0 && (
        <p class="lead">
          There is nothing here yet. A run of <code>hypertrain tune</code> appears as soon as it begins.
        </p>
      )}
    </>
  );
}

const Studies = ({ studies }: { studies: readonly StudyLine[] }) => (
  <section>
    <h2>Studies</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>study</th>
            <th>state</th>
            <th>trials wanted</th>
            <th>best loss</th>
          </tr>
        </thead>
        <tbody>
          {studies.map(({ name, state, of, best }) => (
            <tr key={name}>
              <td>
                <a href={`#/study/${encodeURIComponent(name)}`}>{name}</a>
              </td>
              <td>
                <State state={state} />
              </td>
              <td>{of}</td>
              <td>{best === null ? "–" : shortNumber(best)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const Runs = ({ runs }: { runs: readonly RunSummary[] }) => (
  <section>
    <h2>Runs</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>run</th>
            <th>state</th>
            <th>data</th>
            <th>method</th>
            <th>epochs</th>
            <th>best validation loss</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ run, state, data, method, epochs, valid }) => (
            <tr key={run}>
              <td>
                <a href={`#/run/${encodeURIComponent(run)}`}>{run}</a>
              </td>
              <td>
                <State state={state} />
              </td>
              <td>{data}</td>
              <td>{method}</td>
              <td>{epochs === null ? "–" : shortNumber(epochs)}</td>
              <td>{valid === null ? "–" : shortNumber(valid.loss)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

/** A state as a word with a colour. */
export const State = ({ state }: { state: string }) => <span class={`state ${state}`}>{state}</span>;
