/** Makes the headings of tables buttons that sort by their column, the other way round at the second time. */
export function letSort(place: HTMLElement): void {
  for (const table of place.querySelectorAll("table")) {
    const [head] = table.tHead?.rows ?? [];
    const [body] = table.tBodies;
    if (!head || !body || body.rows.length < 2) continue;
    [...head.cells].forEach((heading, column) => {
      if (heading.textContent.trim() === "") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        for (const other of head.cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const texts = new Map(
          [...body.rows].map((row) => [row, row.cells[column]?.textContent.trim() ?? ""]),
        );
        const order = orderOf(down);
        body.append(...[...body.rows].sort((a, b) => order(texts.get(a) ?? "", texts.get(b) ?? "")));
      });
      heading.append(button);
    });
  }
}

/** The order of two cells: numbers and times by their size, then texts. */
export const orderOf =
  (down: boolean) =>
  (a: string, b: string): number => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (down ? -1 : 1) * a.localeCompare(b);
    }
    return (down ? -1 : 1) * (x - y);
  };

/** A cell's number, of a time in seconds; NaN of a text. */
function valueOf(text: string): number {
  const [time, hours, minutes, seconds] = /^(?:(\d+) h)? ?(?:(\d+) min)? ?(?:([\d.]+) s)?$/.exec(text) ?? [];
  if (time) return 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + Number(seconds ?? 0);
  const [number] = /^[-−]?\d[\d.,]*(?:e[-+]?\d+)?/i.exec(text.replace(/^mean /, "")) ?? [];
  return number === undefined ? NaN : Number(number.replace("−", "-").replaceAll(",", ""));
}
