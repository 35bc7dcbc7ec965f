/** Text that is HTML already. */
export interface Html {
  readonly markup: string;
  toString(): string;
}

/** What a template may hold: text is escaped, HTML and lists of it are not. */
export type HtmlPart = string | number | Html | readonly Html[];

/**
 * Builds HTML from a template; every text in it is escaped.
 *
 * ```ts
 * String(html`<p>${"a < b"}</p>`); // <p>a &lt; b</p>
 * ```
 */
export const html = (template: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html =>
  raw(template.reduce((text, literal, i) => `${text}${markupOf(parts[i - 1] as HtmlPart)}${literal}`));

/** Text that is HTML already, for example a drawn plot. */
export const raw = (markup: string): Html => ({ markup, toString: () => markup });

function markupOf(part: HtmlPart): string {
  if (typeof part === "object")
    return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
  return String(part).replace(/[&<>"']/g, (character) => entities[character] as string);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
