import '../parts/field.css'
import { useId } from 'react'

export interface Selection {
  /** One name a line. */
  events: string
  where: string
}

interface Props {
  value: Selection
  onChange(value: Selection): void
  /** What is wrong with `where`. */
  problem?: string | undefined
}

/** Which events a pipeline exports: by their names, by an expression, or all. */
export function SelectionFields({ value, onChange, problem }: Props) {
  const id = useId()
  return (
    <div className="stack">
      <div className="field">
        <label htmlFor={`${id}-events`}>Event names, one a line</label>
        <textarea
          id={`${id}-events`}
          className="mono"
          rows={3}
          spellCheck={false}
          value={value.events}
          onChange={({ target }) => onChange({ ...value, events: target.value })}
          aria-describedby={`${id}-events-hint`}
        />
        <p id={`${id}-events-hint`} className="hint">
          Empty: every name.
        </p>
      </div>
      <div className="field">
        <label htmlFor={`${id}-where`}>Expression (where)</label>
        <textarea
          id={`${id}-where`}
          className="mono"
          rows={2}
          spellCheck={false}
          value={value.where}
          onChange={({ target }) => onChange({ ...value, where: target.value })}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-where-hint`}
        />
        <p id={`${id}-where-hint`} className={problem === undefined ? 'hint' : 'hint wrong'}>
          {problem ?? (
            <>
              Like <code>properties["plan"] == "company" and properties["total"] &gt; 100</code>. Empty: every
              event.
            </>
          )}
        </p>
      </div>
    </div>
  )
}

/** The names that are given, without blanks. */
export function namesOf(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
