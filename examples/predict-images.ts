/**
 * Classes of new images by the model of a run folder; where they lie in folders that are called as the classes are, with their loss.
 *
 *     hypertrain tune --data ./photos --model simple-cnn --image-size 32 --out my-run
 *     node examples/predict-images.ts my-run new-photos one-more.jpg
 */
import { jaxEngine } from "hypertrain";
import { findImages, loadModel } from "hypertrain/artifacts";

const [run = "my-run", ...places] = process.argv.slice(2);
const model = await loadModel(run, await jaxEngine(), "images");

// Sizes and colours that training had not, and what in the folders is no image, are told.
const { files, folders, warnings } = await findImages(places.length > 0 ? places : ["new-photos"]);
for (const warning of [...warnings, ...(await model.remarksOn(files))]) console.warn(warning);

const classes = folders.map((name) => (model.document.classes.includes(name ?? "") ? name : undefined));
const { score, values, probabilities } = await model.predict(files, { classes });
model.dispose();

console.log(JSON.stringify({ files, values, probabilities, score }));
