/**
 * A small HTTP server for machines of one's own: a table of routes, JSON, bytes and events. Whoever is not on this machine must know its
 * token; pages of other origins are refused, and so are names that merely point here, so that no web page can use a server on loopback.
 */
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { HypertrainError, inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";

/** What a route is asked. */
export interface RouteRequest {
  /** The parts of the path that stand at `:name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as JSON; an empty object where there is none. */
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array>;
  /** Aborted when nobody listens any more. */
  readonly signal: AbortSignal;
}

/** What a route answers. */
export type Answer =
  | { readonly kind: "json"; readonly value: unknown; readonly status?: number }
  | {
      readonly kind: "bytes";
      readonly value: Uint8Array | string;
      readonly type: string;
      /** Of bytes that never change behind their path: whoever says that it has them gets them no more. */
      readonly digest?: string;
    }
  /** Server-sent events, each a JSON document, until the asker leaves. */
  | { readonly kind: "events"; readonly value: AsyncIterable<unknown> };

/** A route. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** As `/v1/studies/:study`. */
  readonly path: string;
  /** Whether it answers without the token: it must tell nothing about anybody's data. */
  readonly open?: boolean;
  answer(asked: RouteRequest): Promise<Answer> | Answer;
}

/** Where a server listens, and to whom. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What everybody must know; demanded where `host` is not this machine alone. */
  readonly token?: string;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** An error that says which status it is. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Whether only this machine reaches a host. */
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);

/**
 * Listens until it is disposed.
 *
 * @throws {HypertrainError} where the port is taken, the token can be in no header, or others could reach a server without a token.
 */
export async function listen(
  routes: readonly Route[],
  { host = "127.0.0.1", port, token }: ListenOptions,
): Promise<Server> {
  if (!isLoopback(host) && token === undefined) {
    throw inputError(
      `a server that other machines reach must have a token, but --host is ${oneLine(host)} and there is none; give one with HYPERTRAIN_TOKEN in the environment`,
    );
  }
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw inputError(
      "HYPERTRAIN_TOKEN must be of Latin letters, digits and signs without spaces, as a header carries it, but has other characters; choose another",
    );
  }
  const server = createServer((request, response) => {
    void handle(routes, token, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        inputError(
          `the port ${port} of ${oneLine(host)} must be free, but ${error.code === "EADDRINUSE" ? "another program has it" : error.message}; choose another with --port`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: found } = server.address() as AddressInfo; // not a pipe
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${found}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(
  routes: readonly Route[],
  token: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = URL.parse(`http://server${request.url ?? "/"}`);
    if (!url) throw new Refusal(400, "a request must be for a path");
    demandOrigin(request, token);
    const { route, params } = find(routes, request.method ?? "", url.pathname);
    if (token !== undefined && !route.open) demandToken(request, token);
    const left = new AbortController();
    response.on("close", () => left.abort());
    const answer = await route.answer({
      ...{ params, query: url.searchParams, signal: left.signal },
      bytes: () => bodyOf(request),
      json: async () => jsonOf(request, await bodyOf(request)),
    });
    await send(response, answer, left.signal, request.headers["if-none-match"]);
  } catch (error) {
    if (response.headersSent) return void response.destroy();
    const { status, message } = statusOf(error);
    await send(response, { kind: "json", status, value: { error: message } }, AbortSignal.abort());
    request.resume();
  }
}

/** A web page of another origin says so; a name of the attacker's that leads here is not one of ours. */
function demandOrigin({ headers }: IncomingMessage, token: string | undefined): void {
  const { host = "", origin } = headers;
  const name = host.replace(/:\d+$/, "");
  if (token === undefined && !isLoopback(name)) {
    throw new Refusal(403, `the server must be asked for as localhost, but was as "${oneLine(host)}"`);
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Refusal(403, `only pages of this server may use it, but one of ${oneLine(origin)} did`);
  }
}

function demandToken({ headers }: IncomingMessage, token: string): void {
  const [given, wanted] = [headers.authorization ?? "", `Bearer ${token}`].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer];
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new Refusal(
    401,
    `the token must be the one that the server was started with as HYPERTRAIN_TOKEN, but ${headers.authorization === undefined ? "none was given" : "another was given"}; send it as \`Authorization: Bearer TOKEN\``,
  );
}

function find(routes: readonly Route[], method: string, path: string) {
  const here = routes.flatMap((route) => {
    const params = paramsOf(route.path, path);
    return params ? [{ route, params }] : [];
  });
  if (here.length === 0) throw new Refusal(404, `there is nothing at ${oneLine(path)}; see /openapi.json`);
  const found = here.find(({ route }) => route.method === method);
  if (found) return found;
  const methods = here.map(({ route }) => route.method).join(" or ");
  throw new Refusal(405, `${oneLine(path)} must be asked by ${methods}, but was by ${oneLine(method)}`);
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decoded(given[i] as string);
    else if (part !== given[i]) return undefined;
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, `a path must be well encoded, but got ${oneLine(part)}`);
  }
}

/** The most bytes of a body. */
const MOST = 256 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST) throw new Refusal(413, `a body must have at most ${MOST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf({ headers }: IncomingMessage, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  if (!/^application\/json\b/.test(headers["content-type"] ?? "")) {
    throw new Refusal(415, "a body must be JSON and say so: `Content-Type: application/json`"); // forms of other pages can't
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new Refusal(400, `a body must be JSON, but is not: ${oneLine((error as Error).message)}`);
  }
}

/** @param known which bytes the asker has, as a header says it */
async function send(
  response: ServerResponse,
  answer: Answer,
  signal: AbortSignal,
  known = "",
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (answer.kind === "events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for await (const event of answer.value) {
      if (signal.aborted) return;
      const isTaken = response.write(`data: ${JSON.stringify(event)}\n\n`);
      if (!isTaken) await once(response, "drain", { signal }).catch(() => undefined); // whoever leaves takes no more
    }
    return void response.end();
  }
  const isJson = answer.kind === "json";
  const body = isJson ? JSON.stringify(answer.value) : answer.value;
  const type = isJson ? "application/json" : answer.type;
  if (!isJson && answer.digest !== undefined) {
    const tag = `"${answer.digest}"`;
    response.setHeader("ETag", tag).setHeader("Cache-Control", "private, no-cache");
    if (known.includes(tag) || known === "*") return void response.writeHead(304).end();
  }
  const length = Buffer.byteLength(body);
  response
    .writeHead(isJson ? (answer.status ?? 200) : 200, { "Content-Type": type, "Content-Length": length })
    .end(body);
}

const headers = {
  "Content-Security-Policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

function statusOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof HypertrainError)
    return { status: error.code === "input" ? 400 : 503, message: error.message };
  return { status: 500, message: `${(error as Error).message} (this is a bug of hypertrain)` };
}
