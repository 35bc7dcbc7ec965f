import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

const PNG_SCALE = 2; // pixels of the PNG for each unit of the SVG

/** What all figures share: readable fonts on white. */
const config = {
  background: "white",
  font: "DejaVu Sans, Verdana, sans-serif",
  title: {
    fontSize: 13,
    subtitleFontSize: 11,
    anchor: "start",
    frame: "group",
    subtitleColor: "#444",
    subtitlePadding: 4,
  },
  axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", gridColor: "#e6e6e6" },
  legend: { labelFontSize: 11, titleFontSize: 11, labelLimit: 320, titleLimit: 320, symbolStrokeWidth: 2.5 },
  view: { stroke: "#bbb" },
} as const;

/** The SVG of a Vega-Lite specification, drawn without a browser. */
export function renderSvg(spec: TopLevelSpec): Promise<string> {
  const logger = vega.logger(vega.Error); // Vega-Lite warns of legends that some layers leave out
  const compiled = compile({ ...spec, config: { ...config, ...spec.config } } as TopLevelSpec, { logger });
  return new vega.View(vega.parse(compiled.spec), { renderer: "none", logger }).toSVG();
}

/**
 * Writes `path` as SVG, and beside it as PNG where `rsvg-convert` (package librsvg2-bin) is at hand. Returns the files written.
 */
export async function writeFigure(path: string, spec: TopLevelSpec): Promise<string[]> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${await renderSvg(spec)}\n`);
  const png = path.replace(/\.svg$/, ".png");
  const { status } = spawnSync("rsvg-convert", ["--zoom", String(PNG_SCALE), "--output", png, path]);
  return status === 0 ? [path, png] : [path];
}
