import "./style.css";

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { RunPage } from "../src/cli/dashboard/run-source.ts";
import type { Curves, TrialPage } from "../src/cli/dashboard/study-source.ts";
import { placeOf, type Place } from "./route.ts";
import { sourceOfPage, type Importances, type Overview } from "./source.ts";
import { merged, type StudyData } from "./study-data.ts";
import { OverviewView } from "./views/overview.tsx";
import { RunView } from "./views/run.tsx";
import { StudyView } from "./views/study.tsx";
import { TrialView } from "./views/trial.tsx";

/** What a place shows, loaded. */
type Shown =
  | { readonly kind: "overview"; readonly overview: Overview }
  | { readonly kind: "study"; readonly data: StudyData; readonly more?: More }
  | { readonly kind: "trial"; readonly study: string; readonly page: TrialPage }
  | { readonly kind: "run"; readonly page: RunPage };

/** What takes longer than the table, and comes behind it. */
interface More {
  readonly curves: Curves;
  readonly importances: Importances;
}

const source = sourceOfPage();

/** The last table of each study, into which changes go. */
const tables = new Map<string, StudyData>();

async function load(place: Place, show: (shown: Shown) => void): Promise<void> {
  if (place.kind === "overview") return show({ kind: "overview", overview: await source.overview() });
  if (place.kind === "trial") {
    return show({ kind: "trial", study: place.study, page: await source.trial(place.study, place.trial) });
  }
  if (place.kind === "run") return show({ kind: "run", page: await source.run(place.run) });
  const before = tables.get(place.study);
  const data = merged(before, await source.table(place.study, before?.version ?? 0));
  tables.set(place.study, data);
  show({ kind: "study", data });
  const [curves, importances] = await Promise.all([
    source.curves(place.study),
    source.importances(place.study),
  ]);
  show({ kind: "study", data, more: { curves, importances } });
}

function App() {
  const [place, setPlace] = useState(placeOf(location.hash));
  const [shown, setShown] = useState<Shown | undefined>();
  const [mistake, setMistake] = useState<string | undefined>();
  const [there, setThere] = useState(true);
  const turn = useRef(0);
  const again = useRef(() => {});
  useEffect(() => {
    const mine = ++turn.current;
    let busy = false;
    let due = false;
    again.current = () => {
      due = true;
      if (busy) return; // one load at a time, whatever comes
      busy = true;
      due = false;
      load(place, (next) => {
        if (mine !== turn.current) return;
        setMistake(undefined);
        setShown((before) =>
          next.kind === "study" &&
          !next.more &&
          before?.kind === "study" &&
          before.more &&
          before.data.name === next.data.name
            ? { ...next, more: before.more }
            : next,
        );
      })
        .catch((error: Error) => mine === turn.current && setMistake(error.message))
        .finally(() => {
          busy = false;
          if (due && mine === turn.current) again.current();
        });
    };
    again.current();
    scrollTo(0, 0);
  }, [place]);
  useEffect(() => {
    addEventListener("hashchange", () => setPlace(placeOf(location.hash)));
    source.watch(() => again.current(), setThere);
  }, []);
  return (
    <main>
      {!there && <aside>The server is gone; what is shown is from before.</aside>}
      {mistake !== undefined ? (
        <aside>{mistake}</aside>
      ) : !shown ? (
        <p class="muted">…</p>
      ) : shown.kind === "overview" ? (
        <OverviewView overview={shown.overview} />
      ) : shown.kind === "study" ? (
        <StudyView
          key={shown.data.name}
          data={shown.data}
          curves={shown.more?.curves}
          importances={shown.more?.importances}
        />
      ) : shown.kind === "trial" ? (
        <TrialView study={shown.study} page={shown.page} />
      ) : (
        <RunView page={shown.page} />
      )}
    </main>
  );
}

render(<App />, document.getElementById("app") as HTMLElement); // the page has it
