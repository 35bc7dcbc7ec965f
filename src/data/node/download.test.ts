import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import { downloadFile, type DownloadOptions, type DownloadProgress } from "./download.ts";

const content = Buffer.from("pixels ".repeat(1000));
const packed = gzipSync(content);
const sha256Of = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "hypertrain-download-"))));
afterEach(() => rm(folder, { recursive: true }));

/** Downloads from a server of this process that answers in the place of the published address. */
async function download(listener: RequestListener, options: DownloadOptions = {}): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const fetch: typeof globalThis.fetch = (url, init) =>
    globalThis.fetch(`http://127.0.0.1:${port}${new URL(url as string).pathname}`, init);
  try {
    const url = "https://example.org/set/pixels.gz";
    await downloadFile(
      { url, sha256: sha256Of(content), path: join(folder, "pixels") },
      { fetch, ...options },
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const sends =
  (body: Uint8Array): RequestListener =>
  (request, response) =>
    void response
      .writeHead(request.url === "/set/pixels.gz" ? 200 : 404, { "content-length": body.length })
      .end(body);

test("a file arrives as it was sent, under its name, with progress to the end", async () => {
  const progress: DownloadProgress[] = [];
  await download(sends(packed), { onProgress: (p) => progress.push(p) });
  expect(await readdir(folder)).toEqual(["pixels.gz"]);
  expect(await readFile(join(folder, "pixels.gz"))).toEqual(packed);
  expect(progress.at(-1)).toEqual({ file: "pixels", received: packed.length, total: packed.length });
});

test("a file that arrives uncompressed has no .gz in its name", async () => {
  await download(sends(content));
  expect(await readdir(folder)).toEqual(["pixels"]);
});

test("a file that is there with the right sum is not fetched again, another one is", async () => {
  const path = join(folder, "pixels.gz");
  await writeFile(path, gzipSync("old"));
  await download(sends(packed));
  const { ino } = await stat(path);
  await download(sends(packed), { fetch: () => Promise.reject(new Error("must not be asked")) });
  expect((await stat(path)).ino).toBe(ino);
  expect(await readFile(path)).toEqual(packed);
});

test("another checksum is an error with both sums that leaves nothing", async () => {
  await expect(download(sends(gzipSync("wrong")))).rejects.toThrow(
    `https://example.org/set/pixels.gz must have the SHA-256 sum ${sha256Of(content)} when uncompressed, but what came has ${sha256Of("wrong")}`,
  );
  expect(await readdir(folder)).toEqual([]);
});

test("gzip data without its end leaves nothing", async () => {
  await expect(download(sends(packed.subarray(0, 30)))).rejects.toThrow("since it is damaged");
  expect(await readdir(folder)).toEqual([]);
});

test("an error of the server is a failure of the work that says so and leaves nothing", async () => {
  const failure = download((_, response) => void response.writeHead(503).end("later"));
  await expect(failure).rejects.toMatchObject({
    code: "work",
    message: expect.stringContaining(
      "https://example.org/set/pixels.gz must be downloaded, but the server answered 503 Service Unavailable; try again",
    ),
  });
  expect(await readdir(folder)).toEqual([]);
});

test("a transfer that the server breaks off leaves nothing", async () => {
  const failure = download((_, response) => {
    response.writeHead(200, { "content-length": packed.length });
    response.write(packed.subarray(0, 10), () => response.destroy());
  });
  await expect(failure).rejects.toThrow("must be downloaded");
  expect(await readdir(folder)).toEqual([]);
});

test("a transfer that the user aborts throws the signal's reason and leaves nothing", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the user");
  const failure = download((_, response) => void response.writeHead(200).write(packed.subarray(0, 10)), {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await expect(failure).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that cannot be made is an error in a sentence", async () => {
  const blocked = join(folder, "file");
  await writeFile(blocked, "");
  const file = { url: "https://example.org/x", sha256: "", path: join(blocked, "deeper", "x") };
  await expect(downloadFile(file)).rejects.toThrow(
    `the directory ${join(blocked, "deeper")} must be one to write to`,
  );
});

test("an address that anyone on the way could answer for is refused", async () => {
  const file = { url: "http://example.org/x", sha256: "", path: join(folder, "x") };
  await expect(downloadFile(file)).rejects.toThrow("a download must come over https");
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(!existsSync("/proc/self"))(
  "a folder of a pseudo file system is refused, which takes none",
  async () => {
    const file = { url: "https://example.org/x", sha256: "", path: "/proc/nowhere/mnist/pixels" };
    await expect(
      downloadFile(file, { fetch: () => Promise.reject(new Error("asked the network")) }),
    ).rejects.toThrow(
      "the directory /proc/nowhere/mnist must be one to write to, but /proc takes no folders; name another with `dataDir`",
    );
  },
);
