/**
 * Made-up tables, each with one trait of the tables that people have. A table is a function of its name: the same rows everywhere.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | z | standard normal columns that are told | [rows] each |
 * | f | what the target follows | [rows] |
 */
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";

/** Columns by name; the target is `y`. */
export type MadeTable = Readonly<Record<string, readonly (number | string)[]>>;

/** Classes with a quarter of positives, categories, useless columns, and 15 % of labels turned around. */
export function churn(rows: number): MadeTable {
  const { normal, uniform, columns, option } = draws("churn", rows);
  const months = uniform("months").map((u) => Math.round(-24 * Math.log(1 - u)));
  const charge = normal("charge").map((z) => 65 + 25 * z);
  const calls = uniform("calls").map((u) => Math.floor(-1.2 * Math.log(1 - u)));
  const contract = option("contract", ["monthly", "yearly", "two years"]);
  const payment = option("payment", ["card", "transfer", "cheque", "app"]);
  const held = { monthly: 0.9, yearly: -0.4, "two years": -1.4 } as Readonly<Record<string, number>>;
  const turn = uniform("turn");
  const chance = uniform("chance");
  const y = months.map((month, i) => {
    const f =
      (held[at(contract, i)] as number) -
      0.04 * month +
      0.02 * (at(charge, i) - 65) +
      0.5 * at(calls, i) -
      0.9;
    const leaves = at(chance, i) < 1 / (1 + Math.exp(-1.5 * f));
    return leaves !== at(turn, i) < 0.15 ? "left" : "stayed";
  });
  return { months, charge, calls, contract, payment, ...columns("other", 6), y };
}

/** Rare failures, by interactions of sensors; a fifth of them went unseen, and some are pure chance. */
export function machineFailure(rows: number): MadeTable {
  const { normal, uniform, columns, option } = draws("machine failure", rows);
  const heat = normal("heat").map((z) => 300 + 2 * z);
  const speed = normal("speed").map((z) => 1540 + 180 * z);
  const torque = normal("torque").map((z) => 40 + 10 * z);
  const wear = uniform("wear").map((u) => Math.round(240 * u));
  const grade = option("grade", ["low", "low", "low", "middle", "middle", "high"]);
  const limit = { low: 11000, middle: 12000, high: 13000 } as Readonly<Record<string, number>>;
  const seen = uniform("seen");
  const chance = uniform("chance");
  const y = heat.map((warmth, i) => {
    const strained = at(wear, i) * at(torque, i) > (limit[at(grade, i)] as number);
    const power = (at(torque, i) * at(speed, i)) / 9550;
    const hot = warmth > 302.5 && at(speed, i) < 1480;
    const fails = strained || power < 3.2 || power > 9.6 || hot;
    return (fails && at(seen, i) < 0.8) || at(chance, i) < 0.01 ? "failure" : "none";
  });
  return { heat, speed, torque, wear, grade, ...columns("sensor", 4), y };
}

/** A target with a long tail, such as costs: the exponential of what the columns tell, and of noise. */
export function skewedTarget(rows: number): MadeTable {
  const { normal, columns } = draws("skewed target", rows);
  const told = columns("x", 12);
  const noise = normal("noise");
  const y = noise.map((e, i) => {
    const x = rowOf(told, i);
    return Math.exp(0.5 * at(x, 0) + 0.4 * Math.sin(2 * at(x, 1)) + 0.3 * at(x, 2) * at(x, 3) + 0.6 * e);
  });
  return { ...told, y };
}

/** Forty classes with overlapping clouds. */
export function manyClasses(rows: number): MadeTable {
  const { uniform, columns } = draws("many classes", rows);
  const classes = uniform("class").map((u) => Math.floor(40 * u));
  const centres = randomNormal(randomKey(0, "many classes centres"), 0, 40 * 16);
  const told = Object.entries(columns("x", 16)).map(([name, values], j) => [
    name,
    values.map((z, i) => at(centres, 16 * at(classes, i) + j) + 1.2 * z),
  ]);
  return { ...(Object.fromEntries(told) as Record<string, number[]>), y: classes.map((k) => `c${k}`) };
}

/** A weak linear signal in eight columns, for few training rows. */
export function weakSignal(rows: number): MadeTable {
  const { normal, columns } = draws("weak signal", rows);
  const told = columns("x", 8);
  const weights = randomNormal(randomKey(0, "weak signal weights"), 0, 8);
  const y = normal("noise").map((e, i) => e + 0.25 * product(rowOf(told, i), weights));
  return { ...told, y };
}

/** Two hundred columns, of which five say something. */
export function wide(rows: number): MadeTable {
  const { normal, columns } = draws("wide", rows);
  const told = columns("x", 200);
  const y = normal("noise").map((e, i) => {
    const x = rowOf(told, i);
    return at(x, 0) + 0.8 * at(x, 1) - 0.8 * at(x, 2) + Math.abs(at(x, 3)) + 0.5 * at(x, 4) + 0.7 * e;
  });
  return { ...told, y };
}

/** Two classes that no column tells by itself: products of pairs, a tenth of labels turned around. */
export function interactions(rows: number): MadeTable {
  const { uniform, columns } = draws("interactions", rows);
  const told = columns("x", 10);
  const y = uniform("turn").map((u, i) => {
    const x = rowOf(told, i);
    const f = at(x, 0) * at(x, 1) + at(x, 2) * at(x, 3) - 0.5 * at(x, 4) * at(x, 5);
    return f > 0 !== u < 0.1 ? "up" : "down";
  });
  return { ...told, y };
}

/** A linear truth in twenty columns, as much noise as signal. */
export function linearTruth(rows: number): MadeTable {
  const { normal, columns } = draws("linear truth", rows);
  const told = columns("x", 20);
  const weights = randomNormal(randomKey(0, "linear truth weights"), 0, 20);
  const y = normal("noise").map((e, i) => product(rowOf(told, i), weights) + 4.5 * e);
  return { ...told, y };
}

/** What a table draws from: named streams of its own. */
function draws(table: string, rows: number) {
  const key = (name: string) => randomKey(0, `${table} ${name}`);
  const normal = (name: string): number[] => Array.from(randomNormal(key(name), 0, rows), rounded);
  const uniform = (name: string): number[] => Array.from(randomUniform(key(name), 0, rows));
  return {
    normal,
    uniform,
    columns: (stem: string, count: number): Record<string, number[]> =>
      Object.fromEntries(Array.from({ length: count }, (_, j) => [`${stem}${j}`, normal(`${stem}${j}`)])),
    option: (name: string, options: readonly string[]): string[] =>
      uniform(name).map((u) => at(options, Math.floor(u * options.length))),
  };
}

const rounded = (value: number): number => Math.round(1e4 * value) / 1e4;

const rowOf = (columns: Readonly<Record<string, readonly number[]>>, i: number): number[] =>
  Object.values(columns).map((values) => at(values, i));

const product = (a: readonly number[], b: ArrayLike<number>): number =>
  a.reduce((sum, value, j) => sum + value * at(b, j), 0);

const at = <T>(values: ArrayLike<T>, i: number): T => values[i] as T;
