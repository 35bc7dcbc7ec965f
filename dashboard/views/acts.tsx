import { useState } from "preact/hooks";

import type { Act } from "../source.ts";

/** Lets the server do something, and says what came of it. */
export type Do = (act: Act) => Promise<string>;

/** What came of an act: a sentence, or why it was refused. */
export function useSaid(): readonly [said: string | undefined, tell: (doing: Promise<string>) => void] {
  const [said, setSaid] = useState<string>();
  const tell = (doing: Promise<string>): void => {
    doing.then(setSaid, (error: Error) => setSaid(error.message));
  };
  return [said, tell];
}

/** A sentence that screen readers read when it changes. */
export const Said = ({ said }: { said: string | undefined }) => (
  <p class="caption" role="status">
    {said ?? ""}
  </p>
);

/** A note that can be changed; one that is only read where nothing can be. */
export function NoteBox({
  about,
  text,
  keep,
}: {
  readonly about: string;
  readonly text: string;
  readonly keep: ((text: string) => Promise<string>) | undefined;
}) {
  const [draft, setDraft] = useState<string>();
  const [said, tell] = useSaid();
  if (!keep) return text === "" ? null : <p class="note-text">{text}</p>;
  const changed = draft !== undefined && draft !== text;
  return (
    <form
      class="note-box"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) tell(keep(draft).finally(() => setDraft(undefined)));
      }}
    >
      <textarea
        aria-label={about}
        placeholder={about}
        rows={2}
        value={draft ?? text}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      {changed && <button type="submit">Keep the note</button>}
      <Said said={said} />
    </form>
  );
}
