interface ChoiceProps<Value extends string> {
  legend: string
  /** Shown to screen readers only, where the choice speaks for itself. */
  hideLegend?: boolean
  name: string
  options: readonly (readonly [Value, string])[]
  value: Value
  onChange: (value: Value) => void
}

/** A few exclusive choices in one row; radio buttons to the keyboard and to screen readers. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { legend, hideLegend = false, name, options, value, onChange } = props
  return (
    <fieldset className="choice">
      <legend className={hideLegend ? 'unseen' : ''}>{legend}</legend>
      <div className="choice-row">
        {options.map(([option, label]) => (
          <label key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
