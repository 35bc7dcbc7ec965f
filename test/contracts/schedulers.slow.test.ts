import { describe, test } from "vitest";

import { schedulerContract } from "../../src/testing/scheduler-contract.ts";
import { schedulers } from "./schedulers.ts";

describe.each(Object.entries(schedulers))("the scheduler %s", (_, make) => {
  for (const { name, run } of schedulerContract(make)) test(name, run);
});
