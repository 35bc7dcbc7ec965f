import { html, raw, type Html } from "./html.ts";

/** The script and the stylesheet of pages: `pageAssets()` of `hypertrain/artifacts`. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** The Content-Security-Policy that lets these two in, and nothing else. */
  readonly policy: string;
}

/** What a page holds instead of a server: answers by path, tables as base64. */
export interface PageSnapshot {
  readonly json: Readonly<Record<string, unknown>>;
  readonly tables: Readonly<Record<string, string>>;
  /** Why there is no answer, by path. */
  readonly refusals?: Readonly<Record<string, string>>;
  /** The place that is shown first, as an address has it behind `#`; default all that there is. */
  readonly home?: string;
}

/** What a page is made of. */
export interface Page {
  /** The title in the browser. */
  readonly title: string;
  /** What is to be read before the script shows the snapshot, or without it. */
  readonly body: Html;
  readonly snapshot: PageSnapshot;
  /** Seconds after which the page loads itself anew; default never. */
  readonly refresh?: number;
}

/** A page as one file, which looks nothing up. */
export const renderPage = (
  { title, body, snapshot, refresh }: Page,
  { script, style, policy }: PageAssets,
): string =>
  `${html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        ${refresh === undefined ? "" : html`<meta http-equiv="refresh" content="${refresh}" />`}
        <title>${title}</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <div id="app"><main>${body}</main></div>
        ${raw(`<script type="application/json" id="snapshot">${inScript(snapshot)}</script>
<script>${script}</script>`)}
      </body>
    </html>`}\n`;

/** JSON that may stand in a script element. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");
