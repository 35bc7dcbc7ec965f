import { methodOf, type MethodName } from "../../methods/lookup.ts";
import { dataSetOfName } from "../data-sets/data-set-names.ts";
import { isDirectory } from "../files/is-directory.ts";
import type { NetworkName } from "../networks/network-names.ts";

/** What of a configuration tells its network where it names none. */
interface UnnamedNetwork {
  readonly data: string;
  readonly hidden?: readonly number[] | undefined;
  readonly method: MethodName;
  readonly problem?: string | undefined;
}

/**
 * The network of a configuration that names none: `wide-and-deep` for a table, else `mlp`, by the measurements in
 * docs/decisions/0044-one-network-for-a-table.md. A method that chooses the architecture chooses a perceptron's.
 */
export const defaultNetwork = ({ data, hidden, method, problem }: UnnamedNetwork): NetworkName => {
  const { only = {} } = methodOf(method);
  const isFree = problem === undefined && hidden?.length !== 0 && !only.model;
  return isFree && isTable(data) ? "wide-and-deep" : "mlp";
};

/** Whether the data are a table: one by name, or a file. */
export const isTable = (data: string): boolean =>
  (dataSetOfName(data)?.kind ?? kindOfPath(data)) === "tables";

const kindOfPath = (path: string) => (isDirectory(path) ? "images" : "tables");
