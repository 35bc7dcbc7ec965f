/**
 * Searches the options of any command, here of a line of awk: values go into its arguments, its last line of output is the loss.
 *
 *     npm run build                            in a checkout, once: the package is there already where it was installed
 *     npx hypertrain serve --store study.db
 *     node examples/search-command.ts [http://127.0.0.1:7718]
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { connect } from "hypertrain/client";

const run = promisify(execFile);
const study = await connect(process.argv[2] ?? "http://127.0.0.1:7718").study({
  name: "a command",
  space: {
    x: { kind: "real", low: -5, high: 5 },
    shape: { kind: "choice", options: ["bowl", "cone"] },
  },
  trials: 30,
});
const program = `BEGIN { d = x - 2; print "trying", x; print shape == "bowl" ? d * d : (d < 0 ? -d : d) }`;

await study.optimize(
  async ({ values: { x, shape } }) => {
    const { stdout } = await run("awk", ["-v", `x=${x}`, "-v", `shape=${shape}`, program]);
    return Number(stdout.trim().split("\n").at(-1));
  },
  { parallel: 2 }, // commands at once
);

const best = await study.best();
console.log(`best ${best?.best} with ${JSON.stringify(best?.values)}`);
