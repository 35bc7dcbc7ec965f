import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { keyOf, type ArtifactStore } from "../../src/storage/artifact-store.ts";
import { digestOf } from "../../src/storage/changes.ts";
import { fileArtifacts } from "../../src/storage/file-artifacts.ts";
import { noHearing } from "../../src/storage/hearing.ts";
import { s3Artifacts } from "../../src/storage/s3-artifacts.ts";
import { sqlArtifacts } from "../../src/storage/sql-artifacts.ts";
import { openSqlDatabase } from "../../src/storage/sql-database.ts";
import { isBusy, isOfSqlite, sqliteDialect } from "../../src/storage/sqlite.ts";
import { HypertrainError } from "../../src/util/error.ts";
import { signatureOf, startS3, type S3Server } from "./s3-server.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-artifacts-"));
let s3: S3Server;
beforeAll(async () => void (s3 = await startS3()));
afterAll(async () => {
  await s3.stop();
  rmSync(folder, { recursive: true, force: true });
});

const inMemory = () =>
  openSqlDatabase({
    ...{ dialect: sqliteDialect(":memory:"), bytes: "blob", name: "memory", hearing: noHearing },
    ...{ transient: isBusy, isOfDatabase: isOfSqlite },
  });

const stores = {
  sql: async () => sqlArtifacts(await inMemory()),
  file: () => Promise.resolve(fileArtifacts(join(folder, "files"))),
  s3: () => s3Artifacts("s3://bucket/some/prefix", { environment: s3.environment }),
} satisfies Record<string, () => Promise<ArtifactStore>>;

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) % 251);

describe.each(Object.entries(stores))("artifacts in %s", (kind, open) => {
  let store: ArtifactStore;
  beforeAll(async () => {
    store = await open();
    await store.begin("room");
  });

  test.each([0, 1, 1 << 20, 3_000_001])("%i bytes are read as they were written", async (length) => {
    const bytes = bytesOf(length);
    const key = keyOf("room", digestOf(bytes));
    expect(await store.get(key)).toBeUndefined();
    await store.put(key, bytes);
    await store.put(key, bytes); // once more, as when an answer got lost
    expect(digestOf((await store.get(key)) as Uint8Array)).toBe(digestOf(bytes));
  });

  test("what is removed is gone, however often, and nothing else is", async () => {
    const [gone, kept] = [keyOf("room", digestOf(bytesOf(10))), keyOf("room", digestOf(bytesOf(10)))];
    expect(gone).not.toBe(kept);
    await Promise.all([store.put(gone, bytesOf(10)), store.put(kept, bytesOf(10))]);
    await store.remove(gone);
    await store.remove(gone);
    expect(await store.get(gone)).toBeUndefined();
    expect(await store.get(kept)).toEqual(bytesOf(10));
  });

  test("a room is cleared with all that is in it, and nothing of another one", async () => {
    await Promise.all([store.begin("full"), store.begin("fuller")]);
    const keys = Array.from({ length: 7 }, () => keyOf("full", digestOf(bytesOf(3))));
    const other = keyOf("fuller", digestOf(bytesOf(3)));
    for (const key of [...keys, other]) await store.put(key, bytesOf(3));
    await store.clear("full");
    await store.clear("full");
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(keys.map(() => undefined));
    expect(await store.get(other)).toEqual(bytesOf(3));
    if (kind === "sql") return;
    await expect(store.demand("full")).rejects.toThrow(/must be .*, but .* (is not there|has no full);/);
  });

  test("a room that was made can be reached, and one that was not is named in one sentence", async () => {
    await store.demand("room");
    if (kind === "sql") return; // where the study is, they are
    await expect(store.demand("elsewhere")).rejects.toThrow(HypertrainError);
    await expect(store.demand("elsewhere")).rejects.toMatchObject({ code: "input" });
  });
});

test("a folder that is cleared keeps what is not hypertrain's", async () => {
  const store = fileArtifacts(join(folder, "mixed"));
  await store.begin("room");
  const key = keyOf("room", digestOf(bytesOf(1)));
  await store.put(key, bytesOf(1));
  writeFileSync(join(folder, "mixed", `${keyOf("room", digestOf(bytesOf(2)))}.part`), ""); // of a writer that died
  writeFileSync(join(folder, "mixed", "room", "thesis.tex"), "years of work");
  await store.clear("room");
  expect(readdirSync(join(folder, "mixed", "room"))).toEqual(["thesis.tex"]);
});

test("what a dead writer left of bytes goes with them", async () => {
  const store = fileArtifacts(join(folder, "parts"));
  await store.begin("room");
  const key = keyOf("room", digestOf(bytesOf(1)));
  appendFileSync(join(folder, "parts", `${key}.part`), "half");
  await store.remove(key);
  expect(readdirSync(join(folder, "parts", "room"))).toEqual([]);
});

describe("signatures are held against Amazon's own examples", () => {
  const empty = digestOf(new Uint8Array());
  const headers = (names: string) => ({
    ...{ host: "examplebucket.s3.amazonaws.com", range: "bytes=0-9" },
    ...{ "x-amz-date": "20130524T000000Z", "x-amz-content-sha256": empty },
    authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=`,
  });
  test.each([
    [
      "/test.txt",
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "/?max-keys=2&prefix=J",
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("GET %s", (url, names, signature) => {
    const request = { method: "GET", url, headers: headers(names) };
    expect(signatureOf(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")).toBe(signature);
  });
});

describe("an object store that does not answer as it should", () => {
  const open = async (own: object = {}) => {
    const server = await startS3();
    const { environment } = server;
    const store = await s3Artifacts("s3://bucket/p", { environment, timeout: 200, patience: 3000, ...own });
    await store.begin("room");
    return { server, store };
  };
  const key = keyOf("room", digestOf(bytesOf(100)));
  /** Faults, one a request, then none. */
  const faulty =
    (...faults: (number | "silence" | "cut")[]) =>
    () =>
      faults.shift();

  test.each([[[500, 503, 429]], [["silence"]], [["cut", 500]]] as const)(
    "is asked again after %j",
    async (faults) => {
      const { server, store } = await open();
      using _ = server;
      server.fault = faulty(...faults);
      await store.put(key, bytesOf(100));
      expect(server.asked.filter((one) => one === `PUT p/${key}`)).toHaveLength(faults.length + 1);
      server.fault = faulty(...faults);
      expect(await store.get(key)).toEqual(bytesOf(100));
    },
  );

  test("is named when it stays away", async () => {
    const { server, store } = await open({ patience: 300 });
    await server.stop();
    await expect(store.put(key, bytesOf(1))).rejects.toThrow(
      /^s3:\/\/bucket\/p must be within reach, but http:\/\/127.0.0.1:\d+ could not be asked: \w+; [^\n]*$/,
    );
  });

  test("is named at once where it was never there", async () => {
    const { server } = await open();
    await server.stop();
    const { environment } = server;
    const store = await s3Artifacts("s3://bucket/p", { environment, patience: Infinity });
    await expect(store.begin("room")).rejects.toThrow(/must be within reach/);
  });

  test.each([
    [403, "403 AccessDenied"],
    [400, "400 InternalError"],
  ])("says %i once, in a sentence", async (status, said) => {
    const { server, store } = await open();
    using _ = server;
    server.fault = () => status;
    const before = server.asked.length;
    await expect(store.put(key, bytesOf(1))).rejects.toThrow(
      new RegExp(`^s3://bucket/p must let artifacts be .* said ${said}; check [^\\n]*$`),
    );
    expect(server.asked.length).toBe(before + 1);
  });

  test("refuses a wrong secret, and another bucket", async () => {
    using server = await startS3();
    const wrong = { ...server.environment, AWS_SECRET_ACCESS_KEY: "wrong" };
    const stranger = await s3Artifacts("s3://bucket", { environment: wrong });
    await expect(stranger.begin("room")).rejects.toThrow(/said 403 SignatureDoesNotMatch;/);
    const lost = await s3Artifacts("s3://other-bucket", { environment: server.environment });
    await expect(lost.begin("room")).rejects.toThrow(/said 404 NoSuchBucket;/);
    await expect(lost.get(key)).rejects.toThrow(/said 404 NoSuchBucket;/);
    expect(server.objects.size).toBe(0);
  });

  test.each([
    [{ AWS_ACCESS_KEY_ID: "" }, /must have AWS_ACCESS_KEY_ID in the environment/],
    [{ AWS_SECRET_ACCESS_KEY: "" }, /must have AWS_SECRET_ACCESS_KEY in the environment/],
    [{ AWS_ENDPOINT_URL_S3: "store.example:9000" }, /must be an address that begins with http/],
  ])("is not asked where the environment has %j", async (changed, sentence) => {
    const environment = { ...s3.environment, ...changed };
    await expect(s3Artifacts("s3://bucket", { environment })).rejects.toThrow(sentence);
  });

  test.each(["s3://", "s3://Bucket", "s3://bucket/a b", "s3://bucket//a", "s3://bucket/a+b"])(
    "has no place of the name %s",
    async (place) => {
      await expect(s3Artifacts(place, { environment: s3.environment })).rejects.toThrow(
        /^artifacts in an object store must be at s3:/,
      );
    },
  );
});
