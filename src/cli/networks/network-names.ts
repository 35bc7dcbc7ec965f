import type { HyperPoint } from "../../api/trace.ts";
import { networksByName } from "./index.ts";
import type { DataKind, NetworkByName, NetworkOption } from "./network-by-name.ts";

/** The networks by name. */
export type NetworkName = (typeof networksByName)[number]["name"];

const all: readonly NetworkByName<NetworkName>[] = networksByName;

/** Networks that have a name; any other is a file. */
export const networkNames: readonly NetworkName[] = all.map(({ name }) => name);

/** What a network says of itself; nothing for one in a file. */
export const networkOfName = (name: string): NetworkByName<NetworkName> | undefined =>
  all.find((network) => network.name === name);

/** The networks that have a use for a flag. */
export const networksWith = (option: NetworkOption): readonly NetworkName[] =>
  all.filter(({ options }) => options.includes(option)).map(({ name }) => name);

/** The networks that take a kind of data; `alone`, those that take no other. */
export const networksFor = (kind: DataKind, alone = false): readonly NetworkName[] =>
  all.filter(({ takes }) => takes.includes(kind) && !(alone && takes.length > 1)).map(({ name }) => name);

/** Units of the hidden layers of networks that have a use for `--hidden`, unless it is given. */
export const usualHidden: readonly number[] = [128, 128];

/**
 * A configuration's network in a line, such as `mlp, 128-128`; nothing of a problem of one's own.
 *
 * @param kept the hyperparameters of the network that is kept, whose widths are its own
 */
export function networkInWords(
  {
    model,
    hidden = usualHidden,
    problem,
  }: {
    readonly model: string;
    readonly hidden?: readonly number[] | undefined;
    readonly problem?: string | undefined;
  },
  kept: Readonly<Record<string, Pick<HyperPoint, "value">>> = {},
): string | undefined {
  if (problem !== undefined) return undefined;
  if (!networkOfName(model)?.options.includes("hidden")) return model;
  const units = hidden.map((own, i) => kept[`width.fc${i + 1}`]?.value ?? kept["width"]?.value ?? own);
  return `${model}, ${units.length === 0 ? "no hidden layers" : units.join("-")}`;
}

/** Those of images, whose steps take most of their time for each row. */
export const imageNetworkNames: readonly string[] = networksFor("images", true);
