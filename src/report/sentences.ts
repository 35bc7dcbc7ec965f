import type { Trust, TuneResult } from "../api/result.ts";
import { refitSentence } from "./refit.ts";

/** What a run says of itself, the most useful first. */
export interface RunSentences {
  /** At most two, which call for something: for whoever reads no more than the end of a run. */
  readonly first: readonly string[];
  /** All others, for its report. */
  readonly others: readonly string[];
}

/** As many pieces of advice as anybody follows after one run. */
const MOST = 2;

/**
 * Orders what a run says of itself: what puts its numbers in doubt comes first, since all else is read off them; then its remarks, in their own order; then
 * what confirms the numbers. Why a method was chosen, and that a response was not or could not be judged, call for nothing.
 */
export function sentencesOf({ auto, remarks, trust, guard, refit }: TuneResult): RunSentences {
  const guarded = (holds: boolean | null) => (guard?.holds === holds ? [guard.sentence] : []);
  const trusted = (...verdicts: readonly Trust["verdict"][]) =>
    trust && verdicts.includes(trust.verdict) ? [trust.sentence] : [];
  const telling = [
    ...[...guarded(false), ...trusted("wrong")],
    ...remarks,
    ...[...trusted("right", "partly right", "too far"), ...guarded(true)],
  ];
  const others = [
    ...[...trusted("unclear", "unchecked"), ...guarded(null)],
    ...(auto === undefined ? [] : [auto]),
    ...(refit ? [refitSentence(refit)] : []),
  ];
  return { first: telling.slice(0, MOST), others: [...telling.slice(MOST), ...others] };
}
