import fc from "fast-check";
import { expect, test } from "vitest";

import { dateFormatsOf, readDate } from "./date-format.ts";

test("every day of 800 years is that of JavaScript's own calendar", () => {
  const day = fc.integer({ min: Date.UTC(1600, 0, 1) / 86400e3, max: Date.UTC(2400, 0, 1) / 86400e3 });
  fc.assert(
    fc.property(day, (days) => {
      const date = new Date(days * 86400e3);
      expect(readDate(date.toISOString(), "year-month-day")).toEqual({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        weekday: (date.getUTCDay() + 6) % 7,
        hour: 0,
        moment: date.getTime(),
      });
    }),
  );
});

test.each([
  [["2024-03-01"], ["year-month-day"]],
  [["2024/3/1 12:30", "2024-03-01T12:30:15.5+02:00"], ["year-month-day"]],
  [["1.3.2024", "29.02.2024 7:05"], ["day.month.year"]],
  [["13/02/2024"], ["day/month/year"]],
  [["02/13/2024 1:30 PM"], ["month/day/year"]],
  [["02/03/2024"], ["day/month/year", "month/day/year"]],
  [["02/13/2024", "13/02/2024"], []],
  [["2023-02-29"], []],
  [["2024-13-01"], []],
  [["2024-00-01"], []],
  [["soon"], []],
])("%j may be %j", (texts, formats) => {
  expect(dateFormatsOf(texts)).toEqual(formats);
});

test("a time of day is read with its half and its zone", () => {
  expect(readDate("02/13/2024 1:30 PM", "month/day/year")).toMatchObject({
    hour: 13.5,
    moment: Date.UTC(2024, 1, 13, 13, 30),
  });
  expect(readDate("2024-01-01 00:30 +02:00", "year-month-day")).toMatchObject({
    hour: 0.5,
    moment: Date.UTC(2023, 11, 31, 22, 30),
  });
});
