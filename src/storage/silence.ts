import type { Socket } from "node:net";

import type { PoolClient } from "pg";

/** Bytes a millisecond that the slowest way carries to the server. */
const SLOWEST = 100;

/**
 * Ends a connection on which a query is not answered: a machine on the way that forgot it, or a server that went without a word, would let
 * it wait for ever. The query then fails, and is tried again on another one.
 *
 * @param patience milliseconds
 */
export function endIfSilent(client: PoolClient, patience: number): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection; // not in its types
  const ask = client.query.bind(client) as unknown as PostgresQuery; // of its forms, the one that is called
  const query: PostgresQuery = (asked) => {
    let received = stream.bytesRead;
    const sent = asked.values?.reduce<number>(
      (sum, one) => sum + (one instanceof Uint8Array ? one.length : 0),
      0,
    );
    const watch = setInterval(
      () => {
        if (stream.bytesRead === received) stream.destroy(); // to end it in order would wait for what is asked
        received = stream.bytesRead;
      },
      patience + (sent ?? 0) / SLOWEST,
    );
    return ask(asked).finally(() => clearInterval(watch));
  };
  Object.assign(client, { query });
}

/** How a connection is asked. */
export type PostgresQuery = (asked: {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** By which the server knows the statement again. */
  readonly name?: string;
}) => Promise<PostgresAnswer>;

/** What of an answer is used. */
export interface PostgresAnswer {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: readonly unknown[];
}
