/** A choice among names. */
export const Choice = ({
  label,
  names,
  value,
  set,
}: {
  label: string;
  names: readonly string[];
  value: string;
  set: (name: string) => void;
}) => (
  <label>
    {label}{" "}
    <select value={value} onChange={(event) => set(event.currentTarget.value)}>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

/** Names of what lies across and up, in whole or in part. */
export interface ChosenAxes {
  readonly x?: string;
  readonly y?: string;
}

/** Which of some names lies across, and which up. */
export const AxisChoices = ({
  names,
  x,
  y,
  set,
}: {
  readonly names: readonly string[];
  readonly x: string;
  readonly y: string;
  readonly set: (axis: ChosenAxes) => void;
}) => (
  <p class="tools-inline">
    <Choice label="across" names={names} value={x} set={(name) => set({ x: name })} />
    <Choice label="up" names={names} value={y} set={(name) => set({ y: name })} />
  </p>
);
