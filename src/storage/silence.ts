import type { Socket } from "node:net";

import type { Client, PoolClient } from "pg";

/** Bytes a millisecond that the slowest way carries to the server. */
const SLOWEST = 100;

/** Milliseconds without a byte after which a connection that is to end is dropped. */
const PARTING = 1000;

/** Lets a connection end though nobody answers any more, which would keep the process for ever. To be called before it is ended. */
export const endAtLast = (client: PoolClient | Client): unknown =>
  streamOf(client).setTimeout(PARTING, () => streamOf(client).destroy());

/**
 * Ends a connection on which a query is not answered: a machine on the way that forgot it, or a server that went without a word, would let
 * it wait for ever. The query then fails, and is tried again on another one.
 *
 * @param patience milliseconds
 */
export function endIfSilent(client: PoolClient, patience: number): void {
  const stream = streamOf(client);
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

/** The socket of a connection, which is not in its types. */
export const streamOf = (client: PoolClient | Client): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;

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
