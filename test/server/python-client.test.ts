import { expect, test } from "vitest";

import { python, runPython } from "./programs.ts";
import { beginAnew, desk, server, x } from "./served-store.ts";

test.skipIf(python === undefined)(
  "the Python client asks, reports, tells and fails as the other does",
  async () => {
    const said = await runPython(
      `
for token in ["\u0436\u0443\u043a", "a b", ""]:
    try:
        connect(sys.argv[1], token)
        assert False, token
    except ServerError as error:
        assert error.status == 401 and "Latin letters" in str(error)
for url in ["", "nope", "ftp://x", "http://", "http://x:99999", "127.0.0.1:7718", None]:
    try:
        connect(url)
        assert False, url
    except ServerError as error:
        assert error.status == 0 and str(error).startswith("the server's URL must be as http:"), error

class Sulky(Exception):
    def __str__(self):
        raise ValueError("no text")

def sulks(trial):
    raise Sulky()

real = {"x": {"kind": "real", "low": -5, "high": 5}}
try:
    connect(sys.argv[1]).study("all fail in Python", real, method="random", trials=2).optimize(sulks)
    assert False
except RuntimeError as error:
    assert "all 2 of \\"all fail in Python\\" failed, the first because: Sulky: it has no text; mend" in str(error), error

late = connect(sys.argv[1]).study("late in Python", real, method="random", trials=1)
def tells_and_raises(trial):
    trial.tell(2)
    raise ValueError("late")
late.optimize(tells_and_raises)

client = connect(sys.argv[1])
space = {"x": {"kind": "real", "low": -5, "high": 5}, "n": {"kind": "integer", "low": 1, "high": 3}}
study = client.study("from Python", space, method="random", trials=6, budget=4)
study.enqueue({"x": 1.0, "n": 2})

def objective(trial):
    if trial.number == 1:
        raise ValueError("a bad day")
    if trial.number == 2:
        return {"loss": float("nan"), "size": 3}
    if trial.number == 5:
        return None
    if trial.number == 3:
        trial.keep(b"abc")
    for epoch in range(1, 5):
        go_on = trial.report((trial.values["x"] - 1) ** 2 + 1 / epoch, epoch, size=trial.values["n"])
        assert go_on == (epoch < 4)
    return {"loss": (trial.values["x"] - 1) ** 2, "size": trial.values["n"]}

study.optimize(objective)
assert study.ask() is None
assert study.best()["values"] == {"x": 1.0, "n": 2} and study.best()["best"] == 0, study.best()

aims = {"loss": "minimize", "size": "maximize"}
late = client.study("measured late from Python", space, method="nsga-2", trials=2, objectives=dict(loss="minimize", size="minimize"))
def measured_late(trial):
    if trial.number == 0:
        trial.report(0.5, 1, gain=1)
    return {"size": 3}

late.optimize(measured_late)
first, second = late.show()["trials"]
assert first["state"] == "complete" and first["measures"]["size"] == 3 and first["measures"]["gain"] == 1, first
assert second["state"] == "failed" and "told with a loss" in second["reason"], second

two = client.study("two aims from Python", space, method="nsga-2", trials=20, objectives=aims, bounds={"n": {"most": 2}})
two.optimize(lambda trial: {"loss": abs(trial.values["x"]), "size": trial.values["x"], "n": trial.values["n"]})
told = two.show()["trials"]
assert all(trial.get("beyond", False) == (trial["values"]["n"] > 2) for trial in told) and any("beyond" in trial for trial in told)
kept = sorted((trial for trial in told if "beyond" not in trial), key=lambda trial: abs(trial["values"]["x"]))
front = [trial for i, trial in enumerate(kept) if all(trial["values"]["x"] > one["values"]["x"] for one in kept[:i])]
assert [trial["number"] for trial in two.front()] == [trial["number"] for trial in front], two.front()
assert two.best()["number"] == kept[0]["number"] and len(kept) > len(front)
for odd, says in [
    (dict(objectives={"loss": "maximize"}), "loss must be minimized"),
    (dict(objectives={"loss": "best"}), "objectives.loss"),
    (dict(objectives=aims, method="tpe"), "but got tpe and 2 objectives; take one of these"),
    (dict(bounds={"n": {"less": 2}}), "bounds.n"),
    (dict(bounds={"n": {"least": 2}}, method="hyperband"), "follows them"),
]:
    try:
        client.study("odd", space, **dict(dict(method="nsga-2"), **odd))
        assert False, odd
    except ServerError as error:
        assert error.status == 400 and says in str(error), error

try:
    client.study("from Python", {"x": space["x"]})
except ServerError as error:
    assert error.status == 409
    print("fine")
`,
      server.url,
    );
    expect(said).toBe("fine\n");
    expect(await desk.show("from Python")).toMatchObject({
      state: "done",
      trials: [
        { state: "complete", best: 0 },
        { state: "failed", reason: "ValueError: a bad day" },
        { state: "failed", reason: "its loss was nan, size 3" },
        { state: "complete" },
        { state: "complete" },
        { state: "failed", reason: expect.stringContaining("told with a loss") as string },
      ],
    });
  },
);

test.skipIf(python === undefined)(
  "and so it is in Python: another study of the name takes nothing",
  async () => {
    const spec = { name: "begun anew-py", space: { x }, method: "random", trials: 1, budget: 2 };
    const program = `
study = connect(sys.argv[1]).study("begun anew-py", {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=1, budget=2)
trial = study.ask()
print("asked", flush=True)
sys.stdin.readline()
for late in [lambda: trial.report(1, 1), lambda: trial.keep(b"late"), lambda: trial.tell(1), lambda: trial.fail("late")]:
    try:
        late()
    except ServerError as error:
        print(error.status)
`;
    let isUnharmed = () => Promise.resolve();
    const said = await runPython(program, server.url, async () => (isUnharmed = await beginAnew(spec)));
    expect(said).toBe("asked\n409\n409\n409\n409\n");
    await isUnharmed();
  },
);
