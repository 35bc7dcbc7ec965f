import { html, raw, type Html } from "./html.ts";
import { pageScript } from "./page-script.ts";
import { stylesheet } from "./stylesheet.ts";

/** Numbers behind a chart: the first column is what its x axis shows. */
export interface NumberTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string | boolean | null)[])[];
}

/** What a page is made of. */
export interface Page {
  /** The title in the browser. */
  readonly title: string;
  /** What stands between hypertrain and the heading, in small. */
  readonly eyebrow: readonly string[];
  readonly heading: string;
  readonly lead: Html | string;
  readonly body: readonly Html[];
  /** The numbers that the charts show at the pointer and the page gives away, by a name that the body uses. */
  readonly numbers: Readonly<Record<string, NumberTable>>;
  /** Seconds after which the page loads itself anew; default never. */
  readonly refresh?: number;
}

/** A page as one file: it looks nothing up, and without its script it lacks only what the pointer does. */
export const renderPage = ({ title, eyebrow, heading, lead, body, numbers, refresh }: Page): string =>
  `${html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${refresh === undefined ? "" : html`<meta http-equiv="refresh" content="${refresh}" />`}
        <title>${title}</title>
        <style>
          ${raw(stylesheet)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="eyebrow">hypertrain${eyebrow.map((part) => html` <span>·</span> ${part}`)}</p>
            <h1>${heading}</h1>
            <p class="lead">${lead}</p>
          </header>
          ${body}
        </main>
        <script type="application/json" id="numbers">
          ${raw(JSON.stringify(numbers).replaceAll("<", "\\u003c"))}
        </script>
        <script>
          ${raw(pageScript)};
        </script>
      </body>
    </html>`}\n`;

/** A chart in the scales and sizes that it was drawn in; CSS shows the one that fits the screen. */
export interface Drawn {
  readonly scale: "log" | "linear";
  readonly size: "wide" | "narrow" | "any";
  readonly svg: string;
}

/**
 * A chart that shows the numbers at the pointer.
 *
 * @param table the name of a table of the page
 * @param columns which of its columns
 */
export function chart(drawn: readonly Drawn[], table: string, columns: readonly string[]): Html {
  const scales = new Set(drawn.map(({ scale }) => scale));
  return html`${drawn.map(
    ({ scale, size, svg }) =>
      html`<div
        class="plot ${size} ${scales.size > 1 ? scale : ""}"
        data-table="${table}"
        data-columns="${JSON.stringify(columns)}"
      >
        ${raw(svg)}
      </div>`,
  )}`;
}

/** The choice between a logarithmic and a linear axis, for all charts of the section that it stands in. */
export const scaleChoice = (name: string, first: Drawn["scale"]): Html =>
  html`<p class="choice">
    ${(["log", "linear"] as const).map(
      (scale) =>
        html`<label
          ><input
            type="radio"
            name="${name}"
            value="${scale}"
            ${scale === first ? raw("checked") : ""}
          />${scale}</label
        >`,
    )}
  </p>`;

/** A button that saves a table of the page as a file. */
export const download = (table: string, file: string): Html =>
  html`<button type="button" hidden data-download="${table}" data-file="${file}">
    Download the numbers (CSV)
  </button>`;
