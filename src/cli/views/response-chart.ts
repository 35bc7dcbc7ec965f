import { drawSvg } from "./draw-svg.ts";

/** The predicted losses at one value of a hyperparameter. */
export interface ResponseLosses {
  readonly value: number;
  readonly train: number;
  readonly valid: number;
  readonly test?: number;
}

/** What the chart says beside the curves. */
export interface ResponseAxis {
  readonly name: string;
  readonly log: boolean;
  /** Where the run ended. */
  readonly here: number;
}

/** Predicted training, validation and test loss over a hyperparameter, as an SVG of its own. */
export async function drawResponse(
  points: readonly ResponseLosses[],
  { name, log, here }: ResponseAxis,
): Promise<string> {
  const values = points.flatMap((point) =>
    curves.flatMap(({ key, label }) =>
      point[key] === undefined ? [] : [{ value: point.value, loss: point[key], series: label }],
    ),
  );
  const shown = curves.filter(({ label }) => values.some(({ series }) => series === label));
  const x = {
    field: "value",
    type: "quantitative",
    title: name,
    scale: { type: log ? "log" : "linear", nice: false },
  };
  const spec = {
    data: { values },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.75 },
        encoding: {
          x,
          y: { field: "loss", type: "quantitative", title: "predicted loss", scale: { zero: false } },
          color: {
            field: "series",
            type: "nominal",
            scale: { domain: shown.map(({ label }) => label), range: shown.map(({ color }) => color) },
            legend: { orient: "top", direction: "horizontal", title: null },
          },
        },
      },
      {
        data: { values: [{ value: here }] },
        mark: { type: "rule", stroke: "var(--faint)", strokeDash: [2, 3] },
        encoding: { x },
      },
    ],
  };
  const svg = await drawSvg(spec, SIZE, `Predicted losses over ${name.replace(/[<>&"]/g, "")}`);
  return standalone(svg);
}

const SIZE = { width: 720, height: 400 } as const;

const curves = [
  { key: "train", label: "training", color: "var(--train)" },
  { key: "valid", label: "validation", color: "var(--valid)" },
  { key: "test", label: "test", color: "var(--test)" },
] as const;

/** Without the page around it that says what its variables are, by day. */
const standalone = (svg: string): string =>
  svg
    .replace(
      /^<svg /,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" `,
    )
    .replace(/var\(--(\w+)\)/g, (_, name: string) => daylight[name] ?? "#000")
    .replace(/^(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="#fff"/>`);

const daylight: Readonly<Record<string, string>> = {
  train: "#9aa3b5",
  valid: "#2f5bea",
  test: "#d9622b",
  faint: "#a3a8b3",
  muted: "#666c78",
  line: "#dcdee3",
  grid: "#eceef1",
  ink: "#1b1d22",
  sans: "Verdana, 'DejaVu Sans', sans-serif",
};
