/**
 * What the results of `measure.ts` say, as tables in Markdown: for each half of the tables, and for all, mean ranks by test loss and
 * test losses over the fixed start's, with bootstrap intervals; then the mean test losses by table.
 *
 *     node bench/defaults/summarise.ts [--results FILE] [--seconds 10] [--methods fixed,delta-stn]
 */
import { parseArgs } from "node:util";

import { formatLoss } from "../../src/report/format.ts";
import { benchMethods } from "./methods.ts";
import { readResults, RESULTS } from "./results.ts";
import { meanLosses, standingsOf, type Interval } from "./standing.ts";
import { benchTables } from "./tables.ts";

const { values: args } = parseArgs({
  options: {
    results: { type: "string", default: RESULTS },
    seconds: { type: "string", default: "10" },
    methods: { type: "string" },
  },
});

const results = readResults(args.results).filter(({ seconds }) => seconds === Number(args.seconds));
const known = Object.keys(benchMethods).filter((name) => results.some(({ method }) => method === name));
const methods = args.methods?.split(",") ?? known;

for (const half of ["choose", "report", undefined] as const) printStandings(half);
printLosses();

function printStandings(half: "choose" | "report" | undefined): void {
  const own = half ? results.filter(({ data }) => benchTables[data]?.half === half) : results;
  const { standings, tables, blocks } = standingsOf(own, methods, "fixed");
  if (tables === 0) return;
  console.log(`\n${half ? `half "${half}"` : "all"}: ${tables} tables, ${blocks} trainings each\n`);
  console.log("| method | mean rank | test loss over fixed's | best on |\n|---|---|---|---|");
  for (const { method, rank, ratio, wins } of standings)
    console.log(`| \`${method}\` | ${shown(rank, 1)} | ${shown(ratio, 2)} | ${wins} |`);
}

/** The mean test losses over the seeds. */
function printLosses(): void {
  const losses = meanLosses(results, methods);
  console.log(`\n| table | half | ${methods.map((method) => `\`${method}\``).join(" | ")} |`);
  console.log(`|---|---|${methods.map(() => "---|").join("")}`);
  for (const [name, { half }] of Object.entries(benchTables)) {
    const own = losses.get(name);
    if (!own) continue;
    const row = methods.map((method) => formatLoss(own.get(method) as number));
    console.log(`| ${name} | ${half} | ${row.join(" | ")} |`);
  }
}

function shown({ mean, low, high }: Interval, digits: number): string {
  return `${mean.toFixed(digits)} (${low.toFixed(digits)}, ${high.toFixed(digits)})`;
}
