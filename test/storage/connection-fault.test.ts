import { createServer, type AddressInfo } from "node:net";

import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { connectionFault } from "../../src/storage/connection-fault.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";

let postgres: PostgresServer;
let at: string;
beforeAll(async () => {
  postgres = await startPostgres();
  at = await postgres.database("there");
});
afterAll(() => postgres[Symbol.asyncDispose]());

const changed = (change: (url: URL) => void): string => {
  const url = new URL(at);
  change(url);
  return url.href;
};

test("a database that cannot be reached is told in a sentence that says why", async () => {
  const client = new pg.Client(at);
  await client.connect();
  await client.query("create user guest password 'guest'; alter user guest connection limit 1");
  await client.query(
    "revoke create on schema public from public; create user barred nologin password 'barred'",
  );
  await client.end();
  const other = createServer((socket) => socket.end("SSH-2.0-elsewhere\r\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const cases: readonly (readonly [change: (url: URL) => void, sentence: RegExp, code: "input" | "work"])[] =
    [
      [
        (url) => (url.password = "wrong"),
        /but it refuses the password of the user "tester"; check user/,
        "input",
      ],
      [
        (url) => (url.password = ""),
        /but it refuses the password of the user "tester"; check user and password, in the URL or as PGPASSWORD/,
        "input",
      ],
      [
        (url) => (url.username = "nobody"),
        /but it refuses the password of the user "nobody"; check user/,
        "input",
      ],
      [
        (url) => (url.pathname = "/gone"),
        /but its server has no database "gone"; make it with createdb/,
        "input",
      ],
      [
        (url) => (url.hostname = "nowhere.invalid"),
        /but (no host is called|the host) "nowhere\.invalid"/,
        "input",
      ],
      [(url) => (url.port = "1"), /but localhost:1 refuses connections; see to it/, "work"],
      [(url) => (url.port = String(port)), /must be reachable, but /, "work"],
      [
        (url) => url.searchParams.set("ssl", "true"),
        /but its server does not encrypt connections; leave/,
        "input",
      ],
      [
        (url) => url.searchParams.set("sslrootcert", "gone.pem"),
        /but a file is not there: .*gone\.pem/,
        "input",
      ],
      [
        (url) => ((url.username = "barred"), (url.password = "barred")),
        /but it does not let the user "barred" in: role "barred" is not permitted to log in; check the user/,
        "input",
      ],
      [
        (url) => ((url.username = "guest"), (url.password = "guest")),
        /but the user "guest" may not make tables there; let its owner grant/,
        "input",
      ],
    ];
  for (const [change, sentence, code] of cases) {
    const url = changed(change);
    const refused = openStorage(url);
    await expect(refused, url).rejects.toMatchObject({ name: "HypertrainError", code });
    await expect(refused).rejects.toThrow(
      /^the database postgres:\/\/[^\n]* must be reachable, but [^\n]+; [^\n]+$/,
    );
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.not.toThrow(/secret|wrong/);
  }
  other.close();
});

test("what has no code of its own is told as the server says it", () => {
  const of = (error: object) => connectionFault("postgres://me@db.example/s", error).says;
  expect(of({ code: "ETIMEDOUT" })).toBe("nothing answers at db.example:5432");
  expect(of({ message: "timeout expired" })).toBe("nothing answers at db.example:5432");
  expect(of({ code: "53300", message: "sorry" })).toBe("its server has no connection left");
  expect(of({ code: "SELF_SIGNED_CERT_IN_CHAIN", message: "self-signed" })).toMatch(
    /certificate .* self-signed$/,
  );
  expect(of({ code: "XX000", message: "a bad day" })).toBe("its server said: a bad day");
});
