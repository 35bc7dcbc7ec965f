import { html, type Html } from "./html.ts";

/**
 * A table whose first column names its rows, or numbers them; it scrolls by itself where it is too wide.
 *
 * @param marksFirst whether the first row is the one to look at; default false
 */
export const dataTable = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { marksFirst = false }: { readonly marksFirst?: boolean } = {},
): Html =>
  html`<div class="scroll ${rows.every(([first]) => Number.isInteger(Number(first))) ? "numbered" : ""}">
    <table>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first = "", ...cells], i) =>
            html`<tr class="${marksFirst && i === 0 ? "first" : ""}">
              <th scope="row">${first}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
