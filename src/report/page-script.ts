/**
 * What the pointer does on a page: charts show their numbers, tables are sorted, numbers are saved. Plain JavaScript for any browser of
 * the last years, in one string since a page is one file.
 */
export const pageScript = `
(() => {
  const tables = JSON.parse(document.getElementById("numbers").textContent);

  // Charts: a line at the nearest numbers, and the numbers beside it.
  const tip = document.body.appendChild(document.createElement("div"));
  tip.className = "tip";
  tip.hidden = true;
  const shown = (value) =>
    typeof value !== "number" ? String(value) : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(3) : String(Number(value.toPrecision(5)));
  for (const plot of document.querySelectorAll(".plot")) {
    const svg = plot.querySelector("svg");
    const { columns, rows } = tables[plot.dataset.table];
    if (!svg || !svg.dataset.plot || rows.length === 0) continue;
    const [left, top, width, height, low, high] = svg.dataset.plot.split(" ").map(Number);
    const wanted = JSON.parse(plot.dataset.columns).map((name) => columns.indexOf(name));
    const line = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "line"));
    line.setAttribute("class", "at");
    line.setAttribute("y1", top);
    line.setAttribute("y2", top + height);
    line.style.display = "none";
    const hide = () => {
      tip.hidden = true;
      line.style.display = "none";
    };
    const show = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const x = low + ((point.x - left) / width) * (high - low);
      const row = rows.reduce((best, row) => (Math.abs(row[0] - x) < Math.abs(best[0] - x) ? row : best));
      const place = left + ((row[0] - low) / (high - low)) * width;
      line.setAttribute("x1", place);
      line.setAttribute("x2", place);
      line.style.display = "";
      tip.replaceChildren(
        ...[0, ...wanted].filter((i) => row[i] !== null && row[i] !== undefined).map((i) => {
          const part = document.createElement("p");
          part.append(columns[i] + " ", Object.assign(document.createElement("b"), { textContent: shown(row[i]) }));
          return part;
        }),
      );
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      const right = event.clientX + 16 + box.width > innerWidth;
      tip.style.left = Math.max(4, right ? event.clientX - box.width - 12 : event.clientX + 16) + "px";
      tip.style.top = Math.max(4, Math.min(innerHeight - box.height - 4, event.clientY + 12)) + "px";
    };
    svg.addEventListener("pointermove", show);
    svg.addEventListener("pointerdown", show);
    svg.addEventListener("pointerleave", hide);
  }

  // Tables: a heading sorts by its column, and the other way round at the second time.
  const valueOf = (text) => {
    const time = /^(?:(\\d+) h)? ?(?:(\\d+) min)? ?(?:([\\d.]+) s)?$/.exec(text);
    if (text !== "" && time) return 3600 * (time[1] || 0) + 60 * (time[2] || 0) + Number(time[3] || 0);
    const number = /^[-−]?\\d[\\d.,]*(?:e[-+]?\\d+)?/i.exec(text.replace(/^mean /, ""));
    return number ? Number(number[0].replace("−", "-").replaceAll(",", "")) : NaN;
  };
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    if (!table.tHead || !body || body.rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((heading, i) => {
      if (heading.textContent.trim() === "") return;
      const sort = () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = [...body.rows].map((row) => {
          const text = row.cells[i].textContent.trim();
          return { row, text, value: valueOf(text) };
        });
        const order = (a, b) =>
          Number.isNaN(a.value) || Number.isNaN(b.value)
            ? Number.isNaN(a.value) - Number.isNaN(b.value) || (down ? -1 : 1) * a.text.localeCompare(b.text)
            : (down ? -1 : 1) * (a.value - b.value);
        body.append(...keyed.sort(order).map(({ row }) => row));
      };
      heading.className += " sorts";
      heading.tabIndex = 0;
      heading.addEventListener("click", sort);
      heading.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") (event.preventDefault(), sort());
      });
    });
  }

  // Numbers: a file that the page makes itself.
  const field = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\\n\\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  for (const button of document.querySelectorAll("[data-download]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const { columns, rows } = tables[button.dataset.download];
      const text = [columns, ...rows].map((row) => row.map(field).join(",") + "\\n").join("");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = button.dataset.file;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }
})();
`;
