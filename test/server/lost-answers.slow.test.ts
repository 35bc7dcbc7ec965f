import { connect } from "hypertrain/client";
import { expect, test } from "vitest";

import { deafServer, pages, type Manner } from "./deaf-server.ts";
import { python, runPython, runNode } from "./programs.ts";
import { desk, storage, x } from "./served-store.ts";

/** Loses the first answer to everything, does not hear it the second time, and answers the third. */
function lossy(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Map<string, number>();
  deaf.rule.of = (path = "") => {
    heard.set(path, (heard.get(path) ?? 0) + 1);
    return (["answers", "hears", "is deaf"] as const)[(heard.get(path) ?? 0) % 3] ?? "answers";
  };
}

test("a client whose every answer is lost asks again, and has each trial once", async () => {
  using deaf = await deafServer();
  lossy(deaf);
  const spec = { name: "lossy", space: { x }, method: "random", trials: 2, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  const seen: number[] = [];
  for (let trial = await study.ask(); trial; trial = await study.ask()) {
    seen.push(trial.number);
    expect(await trial.report(5, 1, { size: 3 })).toBe(true);
    await trial.keep(new Uint8Array([trial.number]));
    if (trial.attempt === 1) await trial.handBack();
    else await trial.tell(trial.number);
  }
  expect(seen).toEqual([0, 0, 1, 1]); // each handed back once
  expect((await study.show()).trials).toMatchObject([
    { attempt: 2, best: 0, state: "complete" },
    { attempt: 2, best: 1, state: "complete" },
  ]);
});

test.skipIf(python === undefined)("so does the Python client", async () => {
  using deaf = await deafServer();
  lossy(deaf);
  expect(
    await runPython(
      `
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1]).study("lossy from Python", space, method="random", trials=2, budget=2)
seen = []
trial = study.ask()
while trial is not None:
    seen.append(trial.number)
    assert trial.report(5, 1, size=3)
    trial.keep(b"abc")
    if trial.attempt == 1:
        trial.hand_back()
    else:
        trial.tell(trial.number)
    trial = study.ask()
print(seen, [(trial["attempt"], trial["best"]) for trial in study.show()["trials"]])
sys.stdout.flush()
try:
    connect("http://127.0.0.1:9", patience=0).study("nowhere", space)
except ServerError as error:
    print(error.status, error)
`,
      deaf.url,
    ),
  ).toBe(
    `[0, 0, 1, 1] [(2, 0), (2, 1)]
0 the server http://127.0.0.1:9 must be within reach, but is not: [Errno 111] Connection refused; start it, or check the address
`,
  );
});

/** Cannot go on with trials of the study "refuses", is away from those of "is deaf", and lets others end those of "answers". */
async function unwilling() {
  const deaf = await deafServer();
  deaf.rule.of = (path = "") => {
    const [, manner] = /studies\/(.*?)-.*points$/.exec(decodeURI(path)) ?? [];
    return (manner as Manner | undefined) ?? "answers";
  };
  return deaf;
}

/** What is left of the trials of a study whose program could not report. */
const leftOf = async (manner: Manner, language: string) =>
  (await desk.show(`${manner}-${language}`)).trials.map(({ state, reason }) => [state, reason]);

test("the process ends where a trial could not be reported, and a trial that is the server's fault has not failed", async () => {
  using deaf = await unwilling();
  const program = `
const [, , url] = process.argv;
const space = { x: { kind: "real", low: -5, high: 5 } };
for (const name of ["refuses-js", "is deaf-js", "answers-js"]) {
  const study = await connect(url, { patience: 100 }).study({ name, space, method: "random", trials: 2 });
  const objective = async (trial) => {
    if (trial.number === 1 && name !== "answers-js") return new Promise((resolve) => setTimeout(resolve, 3e5).unref());
    const tell = { attempt: trial.attempt, loss: 2 };
    const body = { method: "POST", body: JSON.stringify(tell), headers: { "Content-Type": "application/json" } };
    if (name === "answers-js") await fetch(url + "/v1/studies/answers-js/trials/" + trial.number + "/tell", body);
    return (await trial.report(1, 1)) ? NaN : 1;
  };
  const { signal } = new AbortController();
  await study.optimize(objective, { parallel: 2, signal }).then(() => console.log("fine"), ({ status }) => console.log(status));
}`;
  expect(await runNode(program, deaf.url)).toBe("503\n0\nfine\n");
  expect(await leftOf("refuses", "js")).toEqual([
    ["running", undefined],
    ["waiting", undefined], // the other one at that time is handed back
  ]);
  expect((await leftOf("is deaf", "js"))[0]).toEqual(["running", undefined]);
  expect(await leftOf("answers", "js")).toEqual([
    ["complete", undefined],
    ["complete", undefined],
  ]);
});

test.skipIf(python === undefined)("and so it does by the Python client", async () => {
  using deaf = await unwilling();
  const program = `
for name in ["refuses-py", "is deaf-py", "answers-py"]:
    study = connect(sys.argv[1], patience=0.1).study(name, {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=2)
    def objective(trial):
        if name == "answers-py":
            trial._client._call("POST", trial._path + "/tell", dict(attempt=trial.attempt, loss=2), answer=dict(told=bool))
        return float("nan") if trial.report(1, 1) else 1
    try:
        study.optimize(objective)
        print("fine")
    except ServerError as error:
        print(error.status)
`;
  expect(await runPython(program, deaf.url)).toBe("503\n0\nfine\n");
  for (const manner of ["refuses", "is deaf"] as const) {
    expect(await leftOf(manner, "py")).toEqual([["running", undefined]]);
  }
  expect(await leftOf("answers", "py")).toEqual([
    ["complete", undefined],
    ["complete", undefined],
  ]);
});

/** Hangs at the first time that something is asked: without a word, or half-way through the answer. */
function hanging(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Set<string>();
  deaf.rule.of = (path = "") => {
    if (heard.has(path)) return "answers";
    heard.add(path);
    return /(ask|tell)$/.test(path) ? "hangs half-way" : "hangs";
  };
}

test("a connection that hangs is given up after a while, for another one", async () => {
  using deaf = await deafServer();
  hanging(deaf);
  const spec = { name: "hanging", space: { x }, method: "random", trials: 1, budget: 2 };
  const study = await connect(deaf.url, { silence: 1000 }).study(spec);
  const trial = await study.ask();
  expect(await trial?.report(5, 1)).toBe(true);
  await trial?.tell(3);
  expect(await desk.show("hanging")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
  deaf.rule.of = () => "hangs";
  const hasty = connect(deaf.url, { silence: 50, patience: 100 });
  await expect(hasty.study(spec)).rejects.toThrow("is not: it said nothing for 0.05 seconds; start it");
  await expect(study.enqueue({ x: 1 })).rejects.toThrow(
    /for 1 seconds; .*; it may have heard of this, so look/,
  );
  for (const odd of [{ silence: 0 }, { silence: NaN }, { patience: -1 }])
    expect(() => connect(deaf.url, odd)).toThrow(/^`(patience|silence)` of connect must be a number, /);
});

/** How often a server was told that a trial is alive. */
const signsOf = ({ asked }: Awaited<ReturnType<typeof deafServer>>): number =>
  asked.filter((line) => line.startsWith("PUT heartbeat ")).length;

test.skipIf(python === undefined)("and so it is by the Python client", async () => {
  using deaf = await deafServer();
  hanging(deaf);
  const program = `
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1], silence=1).study("hanging from Python", space, method="random", trials=1, budget=2)
trial = study.ask()
assert trial.report(5, 1)
trial.tell(3)
`;
  expect(await runPython(program, deaf.url)).toBe("");
  expect(await desk.show("hanging from Python")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
  deaf.rule.of = (path = "") => (path.endsWith("/heartbeat") ? "hangs" : "answers");
  const patient = `
import time
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1]).study("signs from Python", space, method="random", trials=1)
trial = study.ask(lease=1)
time.sleep(1.5)
trial.tell(1)
`;
  expect(await runPython(patient, deaf.url)).toBe("");
  expect(signsOf(deaf)).toBeGreaterThanOrEqual(2); // the first hangs
  deaf.rule.of = () => "hangs";
  const refused = `
try:
    connect(sys.argv[1], silence=0.05, patience=0.1).study("hanging from Python", {})
except ServerError as error:
    print(error.status, error)
try:
    connect(sys.argv[1], silence=0)
except ValueError as error:
    print(error)
`;
  expect(await runPython(refused, deaf.url))
    .toBe(`0 the server ${deaf.url} must be within reach, but is not: it said nothing for 0.05 seconds; start it, or check the address
patience must be seconds from 0 and silence above 0, but got 60 and 0; leave them out for one minute and ten
`);
});

/** Is busy at the first time that something is asked. */
function busy(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Set<string>();
  deaf.rule.of = (path = "") => {
    const before = heard.size;
    return heard.add(path).size > before ? "refuses" : "answers";
  };
}

test("a server that is busy is asked again for a while, but for what it may have done", async () => {
  using deaf = await deafServer();
  busy(deaf);
  const spec = { name: "busy", space: { x }, method: "random", trials: 1, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  await expect(study.enqueue({ x: 1 })).rejects.toMatchObject({ status: 503 });
  const trial = await study.ask();
  expect(await trial?.report(5, 1)).toBe(true);
  await trial?.keep(new Uint8Array([1]));
  await trial?.tell(3);
  expect(await desk.show("busy")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
});

test("an answer that is none of the server's is refused in a sentence", async () => {
  using deaf = await deafServer();
  const spec = { name: "greeted", space: { x }, method: "random", trials: 2, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  const first = await study.ask();
  await first?.keep(new Uint8Array([1]));
  await first?.handBack();
  const trial = await study.ask();
  const acts: readonly (() => Promise<unknown> | undefined)[] = [
    () => connect(deaf.url).study(spec),
    () => study.ask(),
    () => study.show(),
    () => study.enqueue({ x: 1 }),
    () => trial?.checkpoint(),
    () => trial?.keep(new Uint8Array([1])),
    () => trial?.report(5, 1),
    () => trial?.tell(3),
  ];
  for (const manner of ["greets", "lists", "breaks"] as const) {
    deaf.rule.of = () => manner;
    const sentence = `the server ${deaf.url} must be one of hypertrain, but answered ${JSON.stringify(pages[manner][1])}; check the address, and what stands in between`;
    for (const act of acts) await expect(act()).rejects.toMatchObject({ status: 0, message: sentence });
  }
  for (const manner of ["says oops", "says 1"] as const) {
    deaf.rule.of = () => manner;
    await expect(study.show()).rejects.toMatchObject({ status: 500, message: "the server answered 500" });
  }
});

test.skipIf(python === undefined)("and so both are by the Python client", async () => {
  using deaf = await deafServer();
  busy(deaf);
  const program = `
study = connect(sys.argv[1]).study("busy from Python", {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=1, budget=2)
try:
    study.enqueue({"x": 1})
except ServerError as error:
    busy = error.status
first = study.ask()
first.keep(b"1")
first.hand_back()
trial = study.ask()
print(busy, trial.checkpoint(), trial.report(5, 1), flush=True)
acts = [study.ask, study.show, lambda: study.enqueue({"x": 1}), trial.checkpoint, lambda: trial.keep(b"1"), lambda: trial.report(5, 1), lambda: trial.tell(3)]
for manner in range(5):
    sys.stdin.readline() if manner == 0 else None
    for act in acts:
        try:
            print(act())
        except ServerError as error:
            print(error.status, error)
    try:
        study._client._call("POST", "/next", {}, repeats="never")
    except ServerError:
        pass
connect("http://127.0.0.1:9", patience=0).study("nowhere", {})
`;
  const manners = ["greets", "lists", "breaks", "says oops", "says 1"] as const;
  let at = 0;
  const answer = () => {
    deaf.rule.of = (path = "") => (path === "/next" ? (manners[at++] as Manner) : (manners[at] as Manner));
    return Promise.resolve();
  };
  const said = await runPython(program, deaf.url, answer);
  const lines = said.split("\n");
  expect(lines[0]).toBe("503 b'1' True");
  const sentences = manners.map((manner) => {
    const [status, text] = pages[manner];
    return status === 500
      ? "500 the server answered 500"
      : `0 the server ${deaf.url} must be one of hypertrain, but answered ${JSON.stringify(text)}; check the address, and what stands in between`;
  });
  expect(lines.slice(1, 36)).toEqual(
    sentences.flatMap((sentence) => Array.from({ length: 7 }, () => sentence)),
  );
  expect(said.match(/Traceback/g)).toHaveLength(1);
  expect(said).toMatch(
    /ServerError: the server http:\S+ must be within reach, but is not: .*Connection refused; start it, or check the address\n$/,
  );
});

test("values are enqueued once, or refused where the answer is lost", async () => {
  using deaf = await deafServer();
  const study = await connect(deaf.url).study({ name: "enqueued once", space: { x }, trials: 9 });
  deaf.rule.of = () => "hears";
  await expect(study.enqueue({ x: 1 })).rejects.toThrow(
    /within reach, .*; it may have heard of this, so look/,
  );
  expect(await storage.enqueued("enqueued once")).toEqual([{ x: 1 }]);
});

test("a server that stays away is named in one sentence after a while, whatever is asked", async () => {
  using deaf = await deafServer();
  const study = await connect(deaf.url, { patience: 200 }).study({ name: "away", space: { x }, trials: 9 });
  const trial = await study.ask();
  deaf.rule.of = () => "is deaf";
  deaf.asked.length = 0;
  const sentence =
    /^the server http:\S+ must be within reach, but is not: [^;]+; start it, or check the address$/;
  await expect(trial?.tell(1)).rejects.toThrow(sentence);
  expect(deaf.asked).toEqual(Array.from({ length: 3 }, () => "POST tell is deaf")); // at 0, 100 and 300 milliseconds
  await expect(study.optimize(() => 1)).rejects.toMatchObject({ name: "ServerError", status: 0 });
  deaf[Symbol.dispose]();
  const nobody = connect(deaf.url, { patience: 0 });
  await expect(nobody.study({ name: "nowhere", space: { x } })).rejects.toThrow(/is not: ECONNREFUSED;/);
});
