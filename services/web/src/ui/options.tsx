/** The options of a choice, from a table of value and label. */
export const options = (table: Record<string, string>) =>
  Object.entries(table).map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ))
