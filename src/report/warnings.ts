import type { Warning } from "../api/warning.ts";
import { html, type Html } from "./html.ts";

/** Sentences on one subject, as warnings. */
export const warningsOn = (about: Warning["about"], sentences: readonly string[]): Warning[] =>
  sentences.map((sentence) => ({ about, sentence }));

/** The sentences on one subject. */
export const sentencesOn = (about: Warning["about"], warnings: readonly Warning[]): string[] =>
  warnings.filter((warning) => warning.about === about).map(({ sentence }) => sentence);

/** What a page says of each subject, under a heading of its own. */
export const warningNotes = (warnings: readonly Warning[]): Html =>
  html`${subjects.map((about) => notes(warningTitles[about], sentencesOn(about, warnings)))}`;

/** The headings under which warnings stand. */
export const warningTitles = {
  options: "About the options",
  data: "About the data",
} as const satisfies Record<Warning["about"], string>;

const subjects = ["options", "data"] as const satisfies readonly Warning["about"][];

/** Sentences under a heading; nothing where there are none. */
export const notes = (title: string, sentences: readonly string[]): Html =>
  sentences.length === 0
    ? html``
    : html`<aside>
        <h2>${title}</h2>
        <ul>
          ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </aside>`;
