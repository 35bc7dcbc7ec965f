import "./style.css";

import { render } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { ComparisonDocument } from "../src/api/comparison.ts";
import type { RunPage } from "../src/report/run-page.ts";
import type { TrialPage } from "../src/cli/dashboard/study-source.ts";
import { placeOf, type Place } from "./route.ts";
import { sourceOfPage, type Act, type Overview } from "./source.ts";
import { merged, type StudyData } from "./study-data.ts";
import { courseOfStudy } from "./courses.ts";
import { CompareView, type Compared } from "./views/compare.tsx";
import { ComparisonView } from "./views/comparison.tsx";
import { OverviewView } from "./views/overview.tsx";
import { painted } from "./theme.ts";
import { RunView } from "./views/run.tsx";
import { StudyView, type StudyMore } from "./views/study.tsx";
import { TrialView } from "./views/trial.tsx";

/** What a place shows, loaded. */
type Shown =
  | { readonly kind: "overview"; readonly overview: Overview }
  | { readonly kind: "study"; readonly data: StudyData; readonly more?: StudyMore }
  | { readonly kind: "trial"; readonly study: string; readonly page: TrialPage }
  | { readonly kind: "run"; readonly page: RunPage }
  | { readonly kind: "comparison"; readonly name: string; readonly document: ComparisonDocument }
  | { readonly kind: "compare"; readonly compared: Compared };

const source = sourceOfPage();

/** The place that the page's address names. */
function here(): Place {
  const place = placeOf(location.hash);
  return place.kind === "overview" ? placeOf(source.home) : place;
}

/** What buttons do; an exported page has none. */
const act = source.live ? (doing: Act) => source.act(doing) : undefined;

/** The last table of each study, into which changes go. */
const tables = new Map<string, StudyData>();

/** The last curves and importances of each study, and when they may be asked for again. */
const mores = new Map<string, { readonly more: StudyMore; readonly due: number }>();

interface Showing {
  show(shown: Shown): void;
  isCurrent(): boolean;
  /** Loads once more, at a later time. */
  later(milliseconds: number): void;
}

async function load(place: Place, showing: Showing): Promise<void> {
  const { show } = showing;
  if (place.kind === "nowhere") {
    throw new Error(
      `an address must name a run, a study or a trial, but got “${place.hash.slice(0, 80)}”; choose one below`,
    );
  }
  if (place.kind === "overview") return show({ kind: "overview", overview: await source.overview() });
  if (place.kind === "trial") {
    return show({ kind: "trial", study: place.study, page: await source.trial(place.study, place.trial) });
  }
  if (place.kind === "run") return show({ kind: "run", page: await source.run(place.run) });
  if (place.kind === "comparison") {
    const name = place.comparison;
    return show({ kind: "comparison", name, document: await source.comparison(name) });
  }
  if (place.kind === "compare") {
    const studies = await Promise.all(
      place.studies.map(async (study) =>
        courseOfStudy(await wholeTable(study), await source.segments(study)),
      ),
    );
    const runs = await Promise.all(place.runs.map((run) => source.run(run)));
    return show({ kind: "compare", compared: { studies, runs } });
  }
  return loadStudy(place.study, showing);
}

async function wholeTable(study: string): Promise<StudyData> {
  let data = tables.get(study);
  do {
    data = merged(data, await source.table(study, data));
    tables.set(study, data);
  } while (data.more);
  return data;
}

/** The table first, of a large study part by part, and notes; then what the server takes longer for, at most a tenth of the time. */
async function loadStudy(study: string, { show, isCurrent, later }: Showing): Promise<void> {
  const known = mores.get(study);
  let data = tables.get(study);
  for (let seen = 0; ;) {
    data = merged(data, await source.table(study, data));
    tables.set(study, data);
    if (data.rows >= 2 * seen || !data.more) {
      seen = data.rows;
      show({ kind: "study", data, ...(known && { more: known.more }) });
    }
    if (!isCurrent()) return;
    if (!data.more) break;
    await painted();
  }
  const asked = performance.now();
  if (known && asked < known.due) {
    const more = { ...known.more, notes: await source.notes(study) }; // somebody may just have written one
    mores.set(study, { ...known, more });
    show({ kind: "study", data, more });
    return later(known.due - asked);
  }
  const [curves, importances, segments, notes] = await Promise.all([
    source.curves(study),
    source.importances(study),
    source.segments(study),
    source.notes(study),
  ]);
  const soon = { curves, importances, segments, notes };
  show({ kind: "study", data, more: { ...soon, ...(known && { measures: known.more.measures }) } });
  const more = { ...soon, measures: await source.measures(study) }; // every evaluation is read for it
  mores.set(study, { more, due: performance.now() + 10 * (performance.now() - asked) });
  show({ kind: "study", data, more });
}

function App() {
  const [place, setPlace] = useState(here);
  const [shown, setShown] = useState<Shown | undefined>();
  const [mistake, setMistake] = useState<string | undefined>();
  const [there, setThere] = useState(true);
  const turn = useRef(0);
  const again = useRef(() => {});
  const watched = useRef(false);
  useLayoutEffect(() => {
    const mine = ++turn.current;
    let busy = false;
    let due = false;
    again.current = () => {
      due = true;
      if (busy) return; // one load at a time, whatever comes
      busy = true;
      due = false;
      const isCurrent = () => mine === turn.current;
      load(place, {
        isCurrent,
        show(next) {
          if (!isCurrent()) return;
          setMistake(undefined);
          setShown(next);
        },
        later: (pause) => setTimeout(() => isCurrent() && again.current(), pause),
      })
        .catch((error: Error) => mine === turn.current && setMistake(error.message))
        .finally(() => {
          busy = false;
          if (!watched.current) source.watch(() => again.current(), setThere); // what is new comes after what is there
          watched.current = true;
          if (due && mine === turn.current) again.current();
        });
    };
    again.current();
  }, [place]);
  useLayoutEffect(() => {
    addEventListener("hashchange", () => {
      setPlace(here());
      scrollTo(0, 0);
    });
  }, []);
  return (
    <main>
      {!there && <aside>The server is gone; what is shown is from before.</aside>}
      {mistake !== undefined ? (
        <>
          <aside>{mistake}</aside>
          <p>
            <a href="#/">All runs and studies</a>
          </p>
        </>
      ) : !shown ? (
        <p class="muted">…</p>
      ) : shown.kind === "overview" ? (
        <OverviewView overview={shown.overview} />
      ) : shown.kind === "study" ? (
        <StudyView key={shown.data.name} data={shown.data} more={shown.more} act={act} />
      ) : shown.kind === "trial" ? (
        <TrialView study={shown.study} page={shown.page} act={act} />
      ) : shown.kind === "comparison" ? (
        <ComparisonView name={shown.name} document={shown.document} />
      ) : shown.kind === "compare" ? (
        <CompareView compared={shown.compared} />
      ) : (
        <RunView page={shown.page} />
      )}
    </main>
  );
}

// Paper is light, and canvases are drawn for it before it is.
for (const [event, isPaper] of [
  ["beforeprint", true],
  ["afterprint", false],
] as const) {
  addEventListener(event, () => document.documentElement.classList.toggle("paper", isPaper));
}

render(<App />, document.getElementById("app") as HTMLElement); // the page has it
