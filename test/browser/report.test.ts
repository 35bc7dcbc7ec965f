import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { html } from "../../src/report/html.ts";
import { chart, download, renderPage, scaleChoice } from "../../src/report/page.ts";

const chromium = [process.env.CHROMIUM ?? "", "chromium", "google-chrome"].find(
  (name) => name !== "" && spawnSync(name, ["--version"]).status === 0,
);

const plot = (label: string) =>
  `<svg viewBox="0 0 100 50" data-plot="10 5 80 40 0 4" aria-label="${label}"></svg>`;

const page = renderPage({
  ...{ title: "t", eyebrow: [], heading: "h", lead: "" },
  body: [
    html`<section>
      ${scaleChoice("losses", "log")}
      <figure>
        ${chart(
          [
            { scale: "log", size: "any", svg: plot("log") },
            { scale: "linear", size: "any", svg: plot("linear") },
          ],
          "trace",
          ["loss"],
        )}
      </figure>
      ${download("trace", "run.csv")}
      <table>
        <thead>
          <tr>
            <th>name</th>
            <th>time</th>
          </tr>
        </thead>
        <tbody>
          ${[
            ["a", "2 min 5 s"],
            ["b", "–"],
            ["c", "9.5 s"],
            ["d", "1 h 0 min"],
          ].map(
            ([name = "", time = ""]) =>
              html`<tr>
                <td>${name}</td>
                <td>${time}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`,
  ],
  numbers: {
    trace: {
      columns: ["epoch", "loss", 'a "b", </script>'],
      rows: [0, 1, 2, 3, 4].map((i) => [i, 1 / (i + 1), "x,y"]),
    },
  },
});

/** What a reader does, written down into the page. */
const visit = `
  const done = {};
  const visible = () => [...document.querySelectorAll("svg")].filter((svg) => svg.getBoundingClientRect().width > 0);
  done.scales = [visible().map((svg) => svg.getAttribute("aria-label")).join()];
  const box = visible()[0].getBoundingClientRect();
  const at = (x) => ({ clientX: box.left + (x / 100) * box.width, clientY: box.top + 5 });
  visible()[0].dispatchEvent(new PointerEvent("pointermove", at(10 + 0.55 * 80)));
  done.tip = document.querySelector(".tip").textContent;
  done.line = document.querySelector(".at").getAttribute("x1");
  visible()[0].dispatchEvent(new PointerEvent("pointerleave"));
  done.hidden = document.querySelector(".tip").hidden;
  document.querySelector("input[value=linear]").click();
  done.scales.push(visible().map((svg) => svg.getAttribute("aria-label")).join());
  const order = () => [...document.querySelectorAll("td:first-child")].map((cell) => cell.textContent).join("");
  const [, time] = document.querySelectorAll("th");
  done.orders = [1, 2].map(() => (time.click(), order()));
  done.button = document.querySelector("button").hidden;
  URL.createObjectURL = (blob) => (blob.text().then((text) => {
    done.csv = text;
    document.body.replaceChildren(Object.assign(document.createElement("output"), { textContent: btoa(JSON.stringify(done)) }));
  }), "#");
  document.querySelector("button").click();`;

test.skipIf(chromium === undefined)(
  "a page shows numbers at the pointer, sorts, and saves, from a file",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "hypertrain-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "page.html");
    writeFileSync(path, page.replace("</body>", `<script>${visit}</script></body>`));
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      `--user-data-dir=${join(folder, "profile")}`,
    ];
    const dumped = execFileSync(
      chromium as string,
      [...flags, "--virtual-time-budget=2000", "--dump-dom", pathToFileURL(path).href],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    const found = /<output>([^<]*)<\/output>/.exec(dumped)?.[1] ?? "";
    expect(JSON.parse(atob(found))).toEqual({
      scales: ["log", "linear"],
      tip: "epoch 2loss 0.33333",
      line: "50",
      hidden: true,
      orders: ["cadb", "dacb"],
      button: false,
      csv: [
        'epoch,loss,"a ""b"", </script>"',
        '0,1,"x,y"',
        '1,0.5,"x,y"',
        `2,${1 / 3},"x,y"`,
        '3,0.25,"x,y"',
        '4,0.2,"x,y"',
        "",
      ].join("\n"),
    });
  },
);
