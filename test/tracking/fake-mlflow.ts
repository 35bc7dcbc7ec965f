import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { z } from "zod";

/** What MLflow's documentation of its REST API 2.0 says of the requests that are used, limits included. */
const param = z.strictObject({ key: z.string().min(1).max(250), value: z.string().max(6000) });
const metric = z.strictObject({
  key: z.string().regex(/^[\w\-./ ]{1,250}$/),
  value: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]),
  timestamp: z.int(),
  step: z.int(),
});
const requests = {
  "experiments/create": z.strictObject({ name: z.string().min(1) }),
  "runs/create": z.strictObject({
    experiment_id: z.string(),
    run_name: z.string(),
    start_time: z.int(),
    tags: z.array(param).optional(),
  }),
  "runs/log-batch": z.strictObject({
    run_id: z.string(),
    metrics: z.array(metric).max(1000).optional(),
    params: z.array(param).max(100).optional(),
  }),
  "runs/update": z.strictObject({
    run_id: z.string(),
    status: z.enum(["RUNNING", "FINISHED", "FAILED", "KILLED"]),
    end_time: z.int(),
  }),
};

interface FakeRun {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Record<string, string>;
  readonly metrics: { readonly key: string; readonly value: number | string; readonly step: number }[];
  status: string;
}

/** A server that keeps what it is told, and refuses what MLflow would. `answer` may make it fail before it looks at a request. */
export async function fakeMlflow(answer: (path: string) => number | undefined = () => undefined) {
  const runs: Record<string, FakeRun> = {};
  const experiments: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const handle = (path: string, query: URLSearchParams, body: unknown): [number, object] => {
    if (path === "experiments/get-by-name") {
      const id = experiments.indexOf(query.get("experiment_name") ?? "");
      return id < 0
        ? [404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such experiment" }]
        : [200, { experiment: { experiment_id: String(id) } }];
    }
    if (!(path in requests)) return [404, { error_code: "ENDPOINT_NOT_FOUND", message: path }];
    const parsed = requests[path as keyof typeof requests].safeParse(body);
    if (!parsed.success)
      return [400, { error_code: "INVALID_PARAMETER_VALUE", message: parsed.error.message }];
    if (path === "experiments/create") {
      const { name } = requests[path].parse(body);
      return [200, { experiment_id: String(experiments.push(name) - 1) }];
    }
    if (path === "runs/create") {
      const { experiment_id, run_name: name, tags = [] } = requests[path].parse(body);
      if (!(Number(experiment_id) in experiments)) return [404, { error_code: "RESOURCE_DOES_NOT_EXIST" }];
      const run_id = `run${Object.keys(runs).length}`;
      const byKey = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
      runs[run_id] = { name, tags: byKey, params: {}, metrics: [], status: "RUNNING" };
      return [200, { run: { info: { run_id } } }];
    }
    const run = runs[(body as { readonly run_id: string }).run_id];
    if (!run) return [404, { error_code: "RESOURCE_DOES_NOT_EXIST" }];
    if (path === "runs/update") run.status = requests[path].parse(body).status;
    else {
      const { metrics = [], params = [] } = requests["runs/log-batch"].parse(body);
      run.metrics.push(...metrics);
      for (const { key, value } of params) run.params[key] = value;
    }
    return [200, {}];
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? "", "http://localhost");
      const path = url.pathname.replace("/api/2.0/mlflow/", "");
      headers.push(request.headers);
      const failure = answer(path);
      const [status, document] =
        failure === undefined ? handle(path, url.searchParams, body && JSON.parse(body)) : [failure, {}];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ runs, experiments, headers },
    [Symbol.dispose]: () => void server.close().closeAllConnections(),
  };
}
