import { useLayoutEffect, useRef } from "preact/hooks";

import type { Html } from "../../src/report/html.ts";
import { letSort } from "../sort-tables.ts";

/** Sentences and tables that are HTML already, whose tables are sorted by their headings. */
export function Markup({ html: { markup } }: { html: Html }) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current) letSort(place.current);
  }, [markup]);
  return <div ref={place} dangerouslySetInnerHTML={{ __html: markup }} />;
}
