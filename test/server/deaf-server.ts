import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { server } from "./served-store.ts";

/** What a proxy, or a page to log in at, answers in the place of a server. */
export const pages = {
  refuses: [503, ""],
  greets: [200, "<html>Log in</html>"],
  lists: [200, "[]"],
  breaks: [200, '{"told": tr'],
  "says oops": [500, '"oops"'],
  "says 1": [500, "[1]"],
} as const;

/** What a server does with a request; one that hangs keeps the connection and says nothing, or half of the answer. */
export type Manner = "answers" | "hears" | "is deaf" | "hangs" | "hangs half-way" | keyof typeof pages;

/** A server that can be made to fall silent: requests end without an answer, after they were done where `hears` says so. */
export async function deafServer() {
  const rule = { of: (_path: string | undefined): Manner => "answers" };
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    const does = rule.of(request.url);
    asked.push(`${request.method} ${request.url?.split("/").at(-1)} ${does}`);
    if (does === "is deaf") return void request.socket.destroy();
    if (does === "hangs") return;
    if (does in pages) {
      const [status, text] = pages[does as keyof typeof pages]; // which it is a key of
      return void response.writeHead(status, { "Content-Type": "text/html" }).end(text);
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, headers } = request;
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const type = headers["content-type"] ?? "";
      void fetch(`${server.url}${request.url}`, {
        method: method as string,
        headers: { "Content-Type": type },
        ...body,
      }).then(async (reply) => {
        const bytes = Buffer.from(await reply.arrayBuffer());
        if (does === "hears") return request.socket.destroy();
        response.writeHead(reply.status, {
          "Content-Type": reply.headers.get("Content-Type") ?? "",
          "Content-Length": bytes.length,
        });
        if (does === "hangs half-way") response.write(bytes.subarray(0, 1));
        else response.end(bytes);
      });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, rule, asked },
    [Symbol.dispose]() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
