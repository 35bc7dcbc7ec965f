/** The formats of dates that are known, the likeliest first. */
export type DateFormat = "year-month-day" | "day.month.year" | "day/month/year" | "month/day/year";

/** What a date tells: the parts as they are written, and the moment in milliseconds since 1970. */
export interface DateParts {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** With minutes as a fraction; 0 where there is no time of day. */
  readonly hour: number;
  readonly moment: number;
}

/**
 * A date, maybe with a time of day: `2024-03-01`, `2024-03-01T12:30:00Z`, `1.3.2024 12:30`, `3/1/2024`. Without a zone it is taken
 * as universal time. Undefined where the text is none, or no day of the calendar.
 */
export function readDate(text: string, format: DateFormat): DateParts | undefined {
  const { pattern, order } = formats[format];
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, first, second, third, hours = "0", minutes = "0", seconds = "0", half, zone] = match;
  const fields = [first, second, third].map(Number) as [number, number, number];
  const [year, month, day] = order.map((at) => fields[at]) as [number, number, number];
  let hour = Number(hours);
  if (half) hour = (hour % 12) + (/p/i.test(half) ? 12 : 0);
  const firstOfMonth = daysUntil(year, month, 1);
  const length = (month === 12 ? daysUntil(year + 1, 1, 1) : daysUntil(year, month + 1, 1)) - firstOfMonth;
  if (month < 1 || month > 12 || day < 1 || day > length) return undefined;
  if (hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const days = firstOfMonth + day - 1;
  const time = hour + Number(minutes) / 60 + Number(seconds) / 3600;
  return {
    year,
    month,
    weekday: (((days + 3) % 7) + 7) % 7, // 1970 began on a Thursday
    hour: time,
    moment: days * 86400e3 + Math.round(time * 3600e3) - offsetOf(zone) * 60e3,
  };
}

/** The formats in which all texts are dates, the likeliest first. */
export const dateFormatsOf = (texts: readonly string[]): DateFormat[] =>
  texts.length === 0
    ? []
    : (Object.keys(formats) as DateFormat[]).filter((format) =>
        texts.every((text) => readDate(text, format) !== undefined),
      );

const time =
  "(?:[T ,]+(\\d{1,2}):(\\d{2})(?::(\\d{2}(?:[.,]\\d+)?))?\\s*([AaPp]\\.?[Mm]\\.?)?\\s*(Z|UTC|[+-]\\d{2}:?\\d{2})?)?";

const formats: Readonly<Record<DateFormat, { readonly pattern: RegExp; readonly order: readonly number[] }>> =
  {
    "year-month-day": {
      pattern: new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${time}$`),
      order: [0, 1, 2],
    },
    "day.month.year": {
      pattern: new RegExp(`^(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})${time}$`),
      order: [2, 1, 0],
    },
    "day/month/year": {
      pattern: new RegExp(`^(\\d{1,2})[-/](\\d{1,2})[-/](\\d{4})${time}$`),
      order: [2, 1, 0],
    },
    "month/day/year": {
      pattern: new RegExp(`^(\\d{1,2})[-/](\\d{1,2})[-/](\\d{4})${time}$`),
      order: [2, 0, 1],
    },
  };

/** The days from 1 January 1970 to a day of the Gregorian calendar; the year is taken to begin in March, so that leap days end it. */
function daysUntil(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719468;
}

/** The minutes of a time zone. */
function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "");
  if (!match) return 0;
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
