import { useMemo, useRef, useState } from "preact/hooks";

import { sortedRows } from "../sorted-rows.ts";
import { cellText, columnOf, type StudyData } from "../study-data.ts";

/** The height of a row, in pixels, and of the part that is seen. */
const [ROW, HEIGHT] = [32, 420];

interface Order {
  readonly column: string;
  readonly down: boolean;
}

/** All trials, sorted by any column; only rows that are seen are in the page. */
export function TrialTable({
  data,
  rows,
  open,
}: {
  data: StudyData;
  rows: Uint32Array;
  open: (trial: number) => void;
}) {
  const [order, setOrder] = useState<Order>({ column: "loss", down: false });
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const sorted = useMemo(
    () => sortedRows(rows, columnOf(data, order.column)?.values ?? [], order.down),
    [rows, data, order],
  );
  const first = Math.max(0, Math.floor(top / ROW) - 5);
  const seen = sorted.subarray(first, first + Math.ceil(HEIGHT / ROW) + 10);
  return (
    <div
      class="table"
      ref={box}
      tabIndex={0}
      aria-label="trials"
      style={{ maxHeight: `${HEIGHT}px` }}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <table>
        <thead>
          <tr>
            {data.columns.map(({ name }) => (
              <th
                key={name}
                aria-sort={order.column === name ? (order.down ? "descending" : "ascending") : "none"}
              >
                <button
                  type="button"
                  onClick={() => setOrder({ column: name, down: order.column === name && !order.down })}
                >
                  {name}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Gap height={first * ROW} />}
          {Array.from(seen, (row) => (
            <tr key={row} style={{ height: `${ROW}px` }} onClick={() => open(row)}>
              {data.columns.map((column, i) => (
                <td key={column.name}>
                  {i === 0 ? (
                    <a href={`#/study/${encodeURIComponent(data.name)}/trial/${row}`}>
                      {cellText(column, row)}
                    </a>
                  ) : (
                    cellText(column, row)
                  )}
                </td>
              ))}
            </tr>
          ))}
          <Gap height={(sorted.length - first - seen.length) * ROW} />
        </tbody>
      </table>
    </div>
  );
}

const Gap = ({ height }: { height: number }) => <tr aria-hidden="true" style={{ height: `${height}px` }} />;
