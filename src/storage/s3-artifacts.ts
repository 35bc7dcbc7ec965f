import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { inputError, workError, type HypertrainError } from "../util/error.ts";
import { oneLine } from "../util/text.ts";
import type { ArtifactStore } from "./artifact-store.ts";

/** How to talk to an object store. */
export interface S3Options {
  /** Where credentials, region and endpoint come from: the variables that every tool for S3 reads. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Whether a server that is away now is waited for, as one that goes away later is; default false: it is a mistake. */
  readonly waits?: boolean;
  /** Milliseconds for which requests that fail for want of a server are tried again; default five minutes. */
  readonly patience?: number;
  /** Milliseconds in which an answer must come, beside the time for its bytes; default twenty seconds. */
  readonly timeout?: number;
}

/** What marks a study's room: who can read and write it can keep artifacts. */
const MARK = "hypertrain-study";

/** Bytes a millisecond that the slowest way carries. */
const SLOWEST = 100;

/**
 * Artifacts as objects of a bucket, in Amazon's S3 or another store that speaks its protocol, through the package `aws4fetch`, which is loaded
 * here. The bucket stands in the path of each address, as every such store understands.
 *
 * @param place `s3://BUCKET/PREFIX`
 * @throws {HypertrainError} where that package or credentials are missing.
 */
export async function s3Artifacts(
  place: string,
  { environment = process.env, waits = false, patience = 300_000, timeout = 20_000 }: S3Options = {},
): Promise<ArtifactStore> {
  const { bucket, prefix } = bucketOf(place);
  const { endpoint, region, ...credentials } = accountIn(environment);
  const { AwsClient } = await import("aws4fetch").catch((cause: unknown) => {
    throw inputError(
      "artifacts in s3:// must have the package aws4fetch beside hypertrain, but it is not there; run `npm install aws4fetch`",
      { cause },
    );
  });
  const client = new AwsClient({ ...credentials, region, service: "s3", retries: 0 });
  const address = (key: string) => `${endpoint}/${bucket}/${prefix}${key}`;
  let reached = waits; // what is not there at first is a mistake; what goes away later comes back

  const askOnce = async (method: string, url: string, body: Uint8Array<ArrayBuffer>): Promise<Answer> => {
    const headers = { "X-Amz-Content-Sha256": createHash("sha256").update(body).digest("hex") };
    const request = await client.sign(url, { method, headers, ...(body.length > 0 && { body }) });
    const over = new AbortController();
    const endAfter = (bytes: number) => setTimeout(() => over.abort(LATE), timeout + bytes / SLOWEST);
    let timer = endAfter(body.length);
    try {
      const response = await fetch(request, { signal: over.signal });
      clearTimeout(timer);
      timer = endAfter(Number(response.headers.get("Content-Length")));
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    } finally {
      clearTimeout(timer);
    }
  };
  /** Asks until an answer comes that more asking would not change. */
  const ask = async (method: string, url: string, body = NOTHING): Promise<Answer> => {
    for (let waited = 0, pause = 100; ; waited += pause, pause = Math.min(2 * pause, 5000)) {
      let why: string;
      try {
        const answer = await askOnce(method, url, body);
        if (answer.status < 500 && answer.status !== 429) {
          reached = true;
          return answer;
        }
        why = `said ${answer.status} ${codeOf(answer)}`;
      } catch (error) {
        why = error === LATE ? "did not answer in time" : `could not be asked: ${reasonOf(error)}`;
        if (!reached) waited = Infinity;
      }
      if (waited >= patience) throw outOfReach(place, endpoint, why);
      await sleep(pause);
    }
  };
  const demandDone = (answer: Answer): Uint8Array => {
    if (answer.status >= 200 && answer.status < 300) return answer.bytes;
    throw refused(place, endpoint, answer);
  };
  const put = async (key: string, bytes: Uint8Array): Promise<void> => {
    demandDone(await ask("PUT", address(key), new Uint8Array(bytes)));
  };
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    const answer = await ask("GET", address(key));
    return answer.status === 404 && codeOf(answer) === "NoSuchKey" ? undefined : demandDone(answer);
  };
  const remove = async (key: string): Promise<void> => {
    const answer = await ask("DELETE", address(key));
    if (codeOf(answer) !== "NoSuchKey") demandDone(answer);
  };

  return {
    ...{ name: place, put, get, remove },
    begin: (room) => put(`${room}/${MARK}`, new TextEncoder().encode(`${room}\n`)),
    async demand(room) {
      if (!(await get(`${room}/${MARK}`))) {
        throw inputError(
          `the artifacts of a study must be in its bucket, but ${place} at ${endpoint} has no ${room}; check AWS_ENDPOINT_URL_S3, or put it back`,
        );
      }
      await put(`${room}/${MARK}`, new TextEncoder().encode(`${room}\n`));
    },
    async clear(room) {
      for (;;) {
        const query = new URLSearchParams({ "list-type": "2", prefix: `${prefix}${room}/` });
        const list = textOf(demandDone(await ask("GET", `${endpoint}/${bucket}?${query.toString()}`)));
        const keys = [...list.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) =>
          key.slice(prefix.length),
        );
        if (keys.length === 0) return;
        for (const key of keys) await remove(key);
      }
    },
  };
}

/**
 * The parts of a place in an object store.
 *
 * @returns the prefix with a slash at its end, if there is one
 * @throws {HypertrainError} for what is none
 */
export function bucketOf(place: string): {
  readonly place: string;
  readonly bucket: string;
  readonly prefix: string;
} {
  const [, bucket, path = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.=-]+)*)\/?$/.exec(place) ?? [];
  if (bucket !== undefined) {
    return { place: `s3://${bucket}${path}`, bucket, prefix: path === "" ? "" : `${path.slice(1)}/` };
  }
  throw inputError(
    `artifacts in an object store must be at s3://BUCKET or s3://BUCKET/PREFIX, the bucket of 3 to 63 small letters, digits, . and -, the prefix of letters, digits, and . _ = -, but got ${oneLine(place)}; choose another`,
  );
}

function accountIn(environment: NonNullable<S3Options["environment"]>) {
  const demanded = (name: string): string => {
    const value = environment[name];
    if (value) return value;
    throw inputError(
      `artifacts in s3:// must have ${name} in the environment, but it is not there; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL_S3 for a store that is not Amazon's`,
    );
  };
  const region = environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || "us-east-1";
  const given = environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"];
  const url = URL.parse(given ?? `https://s3.${region}.amazonaws.com`);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw inputError(
      `AWS_ENDPOINT_URL_S3 must be an address that begins with http:// or https://, but got ${oneLine(String(given))}; change it`,
    );
  }
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  return {
    ...{ region, endpoint: `${url.origin}${url.pathname.replace(/\/$/, "")}` },
    accessKeyId: demanded("AWS_ACCESS_KEY_ID"),
    secretAccessKey: demanded("AWS_SECRET_ACCESS_KEY"),
    ...(sessionToken && { sessionToken }),
  };
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Why a request is given up. */
const LATE = new Error("late");

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The code in the XML of an error. */
const codeOf = ({ bytes, status }: Answer): string =>
  status < 400 ? "" : oneLine(/<Code>([^<]*)<\/Code>/.exec(textOf(bytes))?.[1] ?? "", 60);

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { readonly cause?: { code?: string; message?: string } };
  return oneLine(cause?.code ?? cause?.message ?? message);
}

const outOfReach = (place: string, endpoint: string, why: string): HypertrainError =>
  workError(
    `${place} must be within reach, but ${endpoint} ${why}; see to it that it runs, and that AWS_ENDPOINT_URL_S3 and AWS_REGION are its own`,
  );

const refused = (place: string, endpoint: string, answer: Answer): HypertrainError =>
  workError(
    `${place} must let artifacts be read, written and removed, but ${endpoint} said ${[answer.status, codeOf(answer)].join(" ").trim()}; check the bucket, AWS_REGION, the credentials and their rights`,
  );
