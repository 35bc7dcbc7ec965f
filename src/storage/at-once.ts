import type { Compilable } from "kysely";

import type { Tx } from "./writes.ts";

/** What queries find: the rows of each. */
export type RowsOf<Q extends readonly Compilable[]> = {
  readonly [K in keyof Q]: Q[K] extends Compilable<infer Row> ? readonly Row[] : never;
};

/** Asks several things before the first is answered, so that a server is gone to once. Each sees what the ones before it have waited for. */
export const atOnce = <Q extends readonly Compilable[]>(tx: Tx, queries: Q): Promise<RowsOf<Q>> =>
  tx.getExecutor().provideConnection(async (connection) => {
    const answers = await Promise.all(queries.map((query) => connection.executeQuery(query.compile())));
    return answers.map(({ rows }) => rows) as unknown as RowsOf<Q>; // in the order of the queries
  });
