import { csvOf } from "../csv.ts";

/** A button that saves rows as a CSV file; they are made when it is pressed. */
export const Save = ({
  name,
  rows,
}: {
  name: string;
  rows: () => readonly (readonly (string | number)[])[];
}) => (
  <p class="acts">
    <button
      type="button"
      onClick={() => save(`${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")}.csv`, csvOf(rows()))}
    >
      Save as CSV
    </button>
  </p>
);

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // when it has been read
}
