/** The look of a report: ink on paper by day, the reverse by night. */
export const stylesheet = `
:root {
  --paper: #fcfcfb; --card: #ffffff; --ink: #1b1d22; --muted: #666c78; --faint: #a3a8b3; --line: #dcdee3; --grid: #eceef1;
  --valid: #2f5bea; --band: #d9e2fd; --train: #9aa3b5; --test: #d9622b; --fixed: #3d434f; --best: #15803d; --accent: #2f5bea; --warn: #fff6e0; --warn-line: #e8c874;
  --sans: "Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --card: #1a1d22; --ink: #e9ebef; --muted: #9aa1ae; --faint: #6a7180; --line: #343943; --grid: #262a32;
    --valid: #7d9cff; --band: #27335a; --train: #6d7688; --test: #f0915f; --fixed: #c3c8d2; --best: #4ade80; --accent: #7d9cff; --warn: #2c2615; --warn-line: #6b5a26;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 3.5rem 1.5rem 3rem; }
header { margin-bottom: 2.25rem; }
.eyebrow { margin: 0 0 .4rem; color: var(--accent); font-size: .8125rem; font-weight: 600; letter-spacing: .02em; }
.eyebrow span { color: var(--faint); padding: 0 .15em; }
h1 { margin: 0 0 .6rem; font-size: 2.5rem; line-height: 1.1; letter-spacing: -.025em; font-weight: 680; overflow-wrap: anywhere; }
.lead { margin: 0; max-width: 44rem; font-size: 1.1875rem; line-height: 1.5; color: var(--muted); text-wrap: pretty; }
.lead strong { color: var(--ink); font-weight: 640; }
h2 { margin: 0 0 .25rem; font-size: 1.25rem; letter-spacing: -.012em; font-weight: 640; }
section { margin-top: 3rem; }
.caption { margin: 0 0 1.1rem; max-width: 44rem; color: var(--muted); font-size: .9rem; text-wrap: pretty; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); margin: 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.tiles div { padding: 1rem 1rem 1rem 0; }
.tiles dt { color: var(--muted); font-size: .8125rem; }
.tiles dd { margin: .1rem 0 0; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.02em; font-weight: 620; white-space: nowrap; }
.tiles dd.note { margin: 0; color: var(--muted); font-size: .8125rem; letter-spacing: 0; font-weight: 400; min-height: 1.3em; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-family: var(--sans); font-variant-numeric: tabular-nums; }
.narrow { display: none; }
section:has(input[value="log"]:checked) .linear, section:has(input[value="linear"]:checked) .log { display: none; }
.choice { float: right; margin: -1.9rem 0 0; font-size: .875rem; color: var(--muted); }
.choice label { margin-left: .9rem; cursor: pointer; }
.choice input { accent-color: var(--accent); margin: 0 .35em 0 0; vertical-align: -.1em; }
figure + .caption { margin-top: 1rem; }
.plot svg { touch-action: pan-y; }
.at { stroke: var(--faint); stroke-width: 1; pointer-events: none; }
.tip { position: fixed; z-index: 1; width: max-content; padding: .4rem .6rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; box-shadow: 0 2px 12px rgb(0 0 0 / .12); font-size: .8125rem; pointer-events: none; }
.tip p { margin: 0; display: flex; gap: 1rem; justify-content: space-between; color: var(--muted); }
.tip b { color: var(--ink); font-weight: 620; }
button { margin-top: .9rem; padding: .4rem .8rem; font: inherit; font-size: .875rem; color: var(--accent); background: var(--card); border: 1px solid var(--line); border-radius: .5rem; cursor: pointer; }
th.sorts { cursor: pointer; }
th.sorts:hover, th.sorts:focus-visible { color: var(--ink); }
th[aria-sort="ascending"]::after { content: " ↑"; }
th[aria-sort="descending"]::after { content: " ↓"; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: .8rem .9rem .5rem; }
.card figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; margin-bottom: .45rem; font-size: .875rem; }
.card b { font-weight: 620; overflow-wrap: anywhere; }
.card span { color: var(--muted); white-space: nowrap; }
.card em { color: var(--ink); font-style: normal; font-weight: 620; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .6rem 0 .6rem 1.25rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--muted); font-size: .8125rem; font-weight: 500; border-bottom-color: var(--line); }
tbody th { font-weight: 400; }
tr.first th, tr.first td { font-weight: 640; }
pre { margin: .6rem 0 0; padding: .9rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .625rem; overflow-x: auto; font-size: .8438rem; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: var(--mono); font-variant-ligatures: none; }
details { margin-top: .9rem; }
summary { cursor: pointer; color: var(--muted); font-size: .9rem; }
aside { margin: 0 0 2rem; padding: .9rem 1.1rem; background: var(--warn); border: 1px solid var(--warn-line); border-radius: .625rem; font-size: .9375rem; }
aside h2 { font-size: .9375rem; }
aside ul { margin: 0; padding-left: 1.1rem; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .8125rem; }
@media (max-width: 40rem) {
  main { padding: 2rem 1.1rem; }
  h1 { font-size: 2rem; }
  .lead { font-size: 1.0625rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .wide { display: none; }
  .narrow { display: block; }
  .choice { float: none; margin: 0 0 .5rem; }
  .choice label { margin: 0 .9rem 0 0; }
}
@media print { button, .choice { display: none; } main { padding-top: 0; } .card { break-inside: avoid; } }
`;
