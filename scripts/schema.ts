/** Writes `schema/config.schema.json`, by which editors check and complete a config file. `npm run build` runs it. */
import { mkdirSync, writeFileSync } from "node:fs";

import { configJsonSchema } from "../src/cli/config/config.ts";

const folder = new URL("../schema/", import.meta.url);

mkdirSync(folder, { recursive: true });
writeFileSync(new URL("config.schema.json", folder), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
