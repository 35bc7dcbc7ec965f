/**
 * Answers for new rows by the model of a run folder.
 *
 *     hypertrain tune --data people.csv --target income --out my-run
 *     node examples/predict.ts my-run
 */
import { jaxEngine } from "hypertrain";
import { loadModel } from "hypertrain/artifacts";

const model = await loadModel(process.argv[2] ?? "my-run", await jaxEngine(), "table");

// Columns by name: null where a value is missing; text that training never saw means what it meant there.
const answers = await model.predict({ age: [31, 58, null], town: ["Ulm", "Graz", "Nowhere"] });
model.dispose();

console.log(JSON.stringify(answers));
