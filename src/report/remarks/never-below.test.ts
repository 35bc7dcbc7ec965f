import { expect, test } from "vitest";

import { saidAt, tracePoint } from "../../../test/report/trace-point.ts";

test("a search none of whose trainings comes below its untrained network says so, whatever it is compared with", () => {
  const at = (epoch: number, ofTraining: number) =>
    tracePoint(epoch, 0.1, { trial: { number: 0, epoch: ofTraining } });
  const said = "No training has a lower validation loss than the untrained network: ";
  const trace = [at(0, 0), at(1, 1)];
  expect(saidAt(trace, 0)).toEqual([expect.stringMatching(`^${said}.* \\(\`lr\`\\)`)]);
  const baseline = tracePoint(0, 0.1);
  expect(saidAt(trace, 0, { baseline })).toEqual([
    expect.stringMatching(`^Tuning changed nothing: .* ${said}`),
  ]);
  expect(saidAt(trace, 1)).toEqual([]);
  expect(saidAt([at(0, 0), at(1, 0)], 0)).toEqual([]); // whose training was not evaluated
});
