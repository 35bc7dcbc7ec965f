import { openRunFolder, type RunFolder } from "../artifacts/run-folder.ts";
import { parseConfig, type Config } from "./config.ts";
import { onlyUseful } from "./useful-fields.ts";

/**
 * A configuration as its run folder keeps it: what its method has a use for; `out` is where it lies, and `watch`, `json` and `quiet`
 * are of one command.
 */
export const keptConfig = ({
  out: _out,
  watch: _watch,
  json: _json,
  quiet: _quiet,
  ...rest
}: Config): object => onlyUseful(rest, [rest.method]);

/**
 * A run folder of the command line and its configuration.
 *
 * @throws {HypertrainError} if it is none.
 */
export async function openConfiguredRun(path: string): Promise<{ folder: RunFolder; config: Config }> {
  const { folder, config } = await openRunFolder(path);
  return { folder, config: parseConfig(config, (field) => `"${field}" in ${folder.config}`) };
}
