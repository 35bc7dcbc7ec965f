import { expect, test } from "vitest";

import type { StoredSegment } from "../../storage/storage.ts";
import { segmentTable } from "./segment-table.ts";

const segment = (began: number, heard: number, ended: StoredSegment["ended"]): StoredSegment => ({
  ...{ trial: 0, attempt: 1, worker: "w", start: 0, began, heard, ended },
});

test("no bar is in the future, or ends before it begins, whatever clock a segment was timed by", () => {
  const now = 10_000;
  const hour = 3600;
  const segments = [
    segment(now - 9, now - 4, "trained"),
    segment(now - 3, now - 1, null),
    segment(now + hour - 9, now + hour - 4, "trained"), // of a worker whose clock was an hour ahead
    segment(now + hour - 3, now + hour - 1, null),
    segment(now - 2, now - hour, "trained"), // the clock was set back meanwhile
  ];
  const { columns, note } = segmentTable(segments, now);
  const of = (name: string) => Array.from(columns.find((column) => column.name === name)?.values ?? []);
  expect(note).toEqual({ now });
  expect(of("began")).toEqual([now - 9, now - 3, now, now, now - hour]);
  expect(of("ended")).toEqual([now - 4, now, now, now, now - hour]);
});
