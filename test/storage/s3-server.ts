import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An object store of the tests' own, which checks every signature by itself. */
export interface S3Server extends Disposable {
  /** The variables by which it is reached. */
  readonly environment: Readonly<Record<string, string>>;
  readonly objects: Map<string, Buffer>;
  /** What befalls the next requests: asked before each, with its method and key. Undefined is as usual. */
  fault: (method: string, key: string) => Fault | undefined | Promise<Fault | undefined>;
  /** The requests so far: method and key. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** An answer in place of the usual one, no answer at all, or one that breaks off. */
export type Fault = number | "silence" | "cut";

const BUCKET = "bucket";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** Starts a store with an empty bucket of the name `bucket`. */
export async function startS3(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const { method = "" } = request;
    const url = new URL(request.url ?? "", "http://store");
    const [, bucket, ...path] = decodeURIComponent(url.pathname).split("/");
    const key = path.join("/");
    const send = (status: number, content: string | Buffer = "") =>
      void response.writeHead(status).end(content);
    const refuse = (status: number, code: string) => send(status, `<Error><Code>${code}</Code></Error>`);
    server.asked.push(`${method} ${key}`);
    const fault = await server.fault(method, key);
    if (fault === "silence") return;
    if (fault === "cut") {
      response.writeHead(200, { "Content-Length": 1000 }).write("a part");
      return void setTimeout(() => response.destroy(), 20);
    }
    if (fault !== undefined) return refuse(fault, fault === 403 ? "AccessDenied" : "InternalError");
    const signed = { method, url: request.url ?? "", headers: request.headers as Record<string, string> };
    if (signatureOf(signed, SECRET) !== givenIn(request)) return refuse(403, "SignatureDoesNotMatch");
    if (request.headers["x-amz-content-sha256"] !== sha256(body))
      return refuse(400, "XAmzContentSHA256Mismatch");
    if (bucket !== BUCKET) return refuse(404, "NoSuchBucket");
    if (method === "PUT") return (objects.set(key, body), send(200));
    if (method === "DELETE") return (objects.delete(key), send(204));
    if (key === "") {
      const keys = [...objects.keys()].filter((one) => one.startsWith(url.searchParams.get("prefix") ?? ""));
      return send(
        200,
        keys
          .slice(0, 2)
          .map((one) => `<Contents><Key>${one}</Key></Contents>`)
          .join(""),
      ); // a page
    }
    const found = objects.get(key);
    return found ? send(200, found) : refuse(404, "NoSuchKey");
  };
  const listening = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      listening.close(() => resolve());
      listening.closeAllConnections();
    });
  const server: S3Server = {
    ...{ objects, asked: [], stop },
    fault: () => undefined,
    environment: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
    [Symbol.dispose]: () => void stop(),
  };
  return server;
}

/** A request as its signature covers it. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The signature that a request must have by version 4 of Amazon's rules, written from their description. */
export function signatureOf({ method, url, headers }: SignedRequest, secret: string): string {
  const [, scope = "", names = ""] =
    /Credential=[^/]+\/([^,]+), *SignedHeaders=([^,]+)/.exec(headers["authorization"] ?? "") ?? [];
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    path,
    query.split("&").sort().join("&"),
    ...names.split(";").map((name) => `${name}:${(headers[name] ?? "").trim()}`),
    "",
    names,
    headers["x-amz-content-sha256"],
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const hmac = (key: string | Buffer, part: string) => createHmac("sha256", key).update(part).digest();
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}

const givenIn = ({ headers }: IncomingMessage): string | undefined =>
  /Signature=([0-9a-f]+)/.exec(headers.authorization ?? "")?.[1];

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
