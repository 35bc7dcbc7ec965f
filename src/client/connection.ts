/* How the client asks a server: again where it is away, not for ever where it is silent, and taking no page of others for an answer. */

import { briefText } from "../util/brief-text.ts";
import { fromZero, functionOf, limit, orInfinity, type Rules } from "../util/rule.ts";

/** How to reach a server. */
export interface ConnectOptions {
  /** What the server was started with as HYPERTRAIN_TOKEN. */
  readonly token?: string;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Milliseconds for which a server that went away, or answers 429, 502, 503 or 504, is asked again; default a minute. One that never answered is asked for five seconds at most. */
  readonly patience?: number;
  /**
   * Milliseconds in which an open connection may say nothing, after which it is taken for broken and `patience` begins; default ten minutes,
   * as a server itself waits up to five for its database (Node's own `fetch` waits no longer than five). A second more for each 100 KB on
   * the way.
   */
  readonly silence?: number;
}

/** What {@link ConnectOptions} must be. */
export const connectRules: Rules<ConnectOptions> = {
  token: { must: "a text", holds: (value) => typeof value === "string" }, // of which the sentence says no more
  fetch: functionOf("such as the global fetch"),
  ...{ patience: orInfinity(fromZero), silence: limit },
};

/** What a server refused, or that it cannot be reached. */
export class ServerError extends Error {
  /** The HTTP status: 409 where a trial went on elsewhere; 0 where no server of hypertrain answers. */
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServerError";
    this.status = status;
  }
}

/** Milliseconds for which a server that has not answered yet is asked: it may just be starting. */
const FIRST = 5_000;

/** Milliseconds of silence after which a connection is taken for broken. */
const SILENCE = 600_000;

/** The most milliseconds that timers of JavaScript take. */
const LONGEST = 2 ** 31 - 1;

/** What a server says that cannot answer now, or a proxy before it. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Bytes a millisecond that the slowest way to a server carries. */
const SLOWEST = 100;

/** How a server at a URL is asked. @throws {ServerError} for a URL or a token that no server has. */
export function callsTo(url: string, options: ConnectOptions): Call {
  const { token, fetch: ask = fetch, patience = 60_000, silence = SILENCE } = options;
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new ServerError(
      401,
      "the token must be of Latin letters, digits and signs without spaces, as every server's is; give the one that it was started with as HYPERTRAIN_TOKEN",
    );
  }
  const base = baseOf(url);
  let reached = false;
  const askOnce = (method: string, path: string, body: CallBody, limit: number): Promise<Reply> => {
    const bytes = body instanceof Uint8Array;
    const type = bytes ? "application/octet-stream" : "application/json";
    const sent = bytes ? body : body && JSON.stringify(body);
    return whileHeard(limit, async (signal, expect) => {
      expect(sent?.length ?? 0);
      const response = await ask(`${base}${path}`, {
        ...{ method, signal },
        headers: { "Content-Type": type, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
        ...(sent !== undefined && { body: sent }),
      });
      expect(Number(response.headers.get("Content-Length")));
      const [kind = ""] = (response.headers.get("Content-Type") ?? "").split(";");
      return { status: response.status, kind, bytes: new Uint8Array(await response.arrayBuffer()) };
    });
  };
  const call: Call = async (reading, method, path, body, { repeats = "always", within = Infinity } = {}) => {
    let enough: AbortSignal | undefined;
    for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
      try {
        const reply = await askOnce(method, path, body, Math.min(silence, within));
        reached = true;
        if (reply.status >= 200 && reply.status < 300) return demandAnswer(reading, reply, base);
        throw new ServerError(reply.status, reasonOf(reply));
      } catch (error) {
        const refused = error instanceof ServerError;
        if (refused && !(repeats === "always" && BUSY.has(error.status))) throw error;
        const most = reached ? patience : Math.min(patience, FIRST);
        const may = repeats === "always" || (repeats === "unheard" && wasUnheard(error));
        if (!may || most === 0 || enough?.aborted) throw refused ? error : unreachable(base, error, repeats);
        enough ??= AbortSignal.timeout(Math.ceil(Math.min(most, LONGEST)));
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  return call;
}

/** A server's URL without its last slash. @throws {ServerError} for one that can never be reached. */
function baseOf(url: string): string {
  const base = String(url).replace(/\/$/, "");
  try {
    const { protocol, username } = new URL(base);
    if (/^https?:$/.test(protocol) && username === "") return base;
  } catch {
    // it is no URL
  }
  throw new ServerError(
    0,
    `the server's URL must be as http://127.0.0.1:7718 is, or begin with https://, but got ${briefText(url)}; give the one that \`hypertrain serve\` prints`,
  );
}

type CallBody = object | Uint8Array<ArrayBuffer> | undefined;

/**
 * Asks the server, and again where it cannot be reached.
 *
 * @throws {ServerError} for what it refused, where it stays away, and where it is no server of hypertrain
 */
export type Call = <T>(
  reading: AnswerReader<T>,
  method: string,
  path: string,
  body?: CallBody,
  how?: CallOptions,
) => Promise<T>;

interface CallOptions {
  /** When to ask again: always, the default, since to be told once more changes nothing; only where it cannot have heard of it; or never. */
  readonly repeats?: "always" | "unheard" | "never";
  /** Milliseconds of silence that it may take, where these are fewer than the connection may. */
  readonly within?: number;
}

/**
 * Lets something end that hears nothing any more.
 *
 * @param limit milliseconds between two signs of life
 * @param act is given how to say that there was one, and that so many bytes are to come next
 */
async function whileHeard<T>(
  limit: number,
  act: (signal: AbortSignal, expect: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const silent = new AbortController();
  const end = () => silent.abort(new Error(`it said nothing for ${Math.round(limit) / 1000} seconds`));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expect = (bytes: number) => {
    clearTimeout(timer);
    timer = setTimeout(end, Math.min(limit + bytes / SLOWEST, LONGEST));
  };
  try {
    return await act(silent.signal, expect);
  } finally {
    clearTimeout(timer);
  }
}

/** What a server answered. */
export interface Reply {
  readonly status: number;
  /** Its media type. */
  readonly kind: string;
  readonly bytes: Uint8Array;
}

function reasonOf({ status, bytes }: Reply): string {
  try {
    const { error } = JSON.parse(textOfBytes(bytes)) as { readonly error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // a proxy's page
  }
  return `the server answered ${status}`;
}

/** What Node, Deno and Bun say of a connection that was never made; browsers say nothing. */
const wasUnheard = (error: unknown): boolean => /REFUSED|NOTFOUND|EAI_AGAIN|UNREACH/i.test(causeOf(error));

function causeOf(error: unknown): string {
  const { code, message, cause } = error as {
    code?: string;
    message?: string;
    cause?: { code?: string; message?: string };
  };
  return String(cause?.code ?? cause?.message ?? code ?? message);
}

const unreachable = (base: string, cause: unknown, repeats: string): ServerError =>
  new ServerError(
    0,
    `the server ${base} must be within reach, but is not: ${causeOf(cause)}; start it, or check the address${repeats === "unheard" && !wasUnheard(cause) ? "; it may have heard of this, so look before you repeat it" : ""}`,
    { cause },
  );

/** Bytes as UTF-8, whatever they are. */
export const textOfBytes = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What an answer says; undefined where it is none of `hypertrain serve`. */
export type AnswerReader<T> = (reply: Reply) => T | undefined;

/** Demands an answer of `hypertrain serve`: what stands in between may give a page of its own. */
function demandAnswer<T>(reading: AnswerReader<T>, reply: Reply, base: string): T {
  const answer = reading(reply);
  if (answer !== undefined) return answer;
  throw new ServerError(
    0,
    `the server ${base} must be one of hypertrain, but answered ${briefText(textOfBytes(reply.bytes.subarray(0, 200)))}; check the address, and what stands in between`,
  );
}
