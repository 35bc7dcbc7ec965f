/**
 * A search that a program drives itself: it asks for values, evaluates them as it likes, and tells what came out.
 *
 *     npm install hypertrain && node ask-and-tell.ts
 */
import { choice, conditional, createSearch, createSpace, integer, real, tpe } from "hypertrain";

/** A second layer's width exists only where there are two layers. */
const space = conditional(
  createSpace({
    rate: real(0.01, { low: 1e-4, high: 1, log: true }),
    kind: choice("relu", { options: ["relu", "tanh"] }),
    layers: integer(1, { low: 1, high: 2 }),
    width2: integer(16, { low: 8, high: 64 }),
  }),
  { width2: { of: "layers", in: [2] } },
);

const search = createSearch(space, tpe(), { seed: 1, direction: "maximize" });
search.enqueue({ rate: 0.01, kind: "relu", layers: 1 }); // what is in use today

for (let trial = 0; trial < 100; trial++) {
  const { number, values } = search.ask();
  search.tell(number, accuracy(values));
}

const saved = JSON.stringify(search.trials); // createSearch(space, tpe(), { ..., trials: JSON.parse(saved) }) goes on
console.log(`today ${(search.trials[0] as { value: number }).value.toFixed(3)}`);
console.log(`best ${search.best?.value.toFixed(3)} at ${JSON.stringify(search.best?.values)}`);
console.log(`${search.trials.length} trials in ${saved.length} characters`);

/** Stands for a training: the greatest, 1, is at rate 0.1, tanh and a second layer of 32. */
function accuracy({ rate, kind, width2 }: ReturnType<typeof search.ask>["values"]): number {
  const ofRate = 0.2 * Math.abs(Math.log10(rate) + 1);
  const ofWidth = width2 === undefined ? 0.2 : Math.abs(width2 - 32) / 160;
  return 1 - ofRate - ofWidth - (kind === "tanh" ? 0 : 0.1);
}
