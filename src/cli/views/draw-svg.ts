import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** A Vega-Lite specification without what all charts share. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** The size of a chart's whole picture, in CSS pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a chart as SVG. Its colours are CSS variables.
 *
 * @param label what the chart shows, for those who cannot see it
 */
export async function drawSvg(spec: ChartSpec, { width, height }: ChartSize, label: string): Promise<string> {
  const full = {
    ...spec,
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    background: null,
    padding: 2,
    config: look,
  } as unknown as TopLevelSpec; // a literal of many parts, whose exact type says less than Vega-Lite's own checks
  const view = new View(parse(compile(full).spec), { renderer: "none" });
  try {
    const svg = await view.toSVG();
    return svg
      .replace(/ (aria-(label|roledescription|hidden)|role)="[^"]*"/g, "") // one label for the whole says more
      .replace(/^<svg[^>]*?(viewBox="[^"]*")[^>]*>/, `<svg $1 role="img" aria-label="${label}">`);
  } finally {
    view.finalize();
  }
}

const text = { labelColor: "var(--muted)", titleColor: "var(--muted)", labelFontSize: 11, titleFontSize: 11 };

const look = {
  font: "var(--sans)",
  view: { stroke: null },
  axis: {
    ...text,
    titleFontWeight: 400,
    domain: false,
    ticks: false,
    labelPadding: 6,
    gridColor: "var(--grid)",
    gridWidth: 1,
  },
  axisX: { grid: false, domain: true, domainColor: "var(--line)", labelPadding: 6, titlePadding: 6 },
  legend: {
    labelColor: "var(--ink)",
    labelFontSize: 12,
    symbolType: "stroke",
    symbolSize: 220,
    symbolStrokeWidth: 2.5,
    columnPadding: 18,
    gridAlign: "each",
    offset: 8,
    padding: 0,
  },
};
