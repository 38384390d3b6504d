import { useId } from 'react'
import { Field } from '../parts/field.tsx'
import { SelectionFields } from '../selection/selection-fields.tsx'
import { SelectionPreview } from '../selection/selection-preview.tsx'
import { useProject } from '../shell/current-project.ts'
import type { SectionProps } from './draft.ts'
import { Estimate } from './estimate.tsx'

/** Which events, since when, how often. */
export function EventsSection({ draft, problems, onChange }: SectionProps) {
  const id = useId()
  const { projectId, timezone } = useProject()
  return (
    <section className="card" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>What to export</h2>
        <span className="soft">days of {timezone}</span>
      </header>
      <div className="body stack">
        <div className="fields">
          <Field
            label="First day"
            type="date"
            required
            value={draft.fromDate}
            onChange={({ target }) => onChange({ fromDate: target.value })}
          />
          <Field
            label="Last day"
            type="date"
            value={draft.toDate}
            onChange={({ target }) => onChange({ toDate: target.value })}
            problem={problems.toDate}
            hint="Empty: it goes on for ever."
          />
          <div className="field">
            <label htmlFor={`${id}-frequency`}>Folders</label>
            <select
              id={`${id}-frequency`}
              value={draft.toDate === '' ? draft.frequency : 'daily'}
              disabled={draft.toDate !== ''}
              onChange={({ target }) =>
                onChange({ frequency: target.value === 'hourly' ? 'hourly' : 'daily' })
              }
            >
              <option value="daily">one a day, at 00:30 of the next</option>
              <option value="hourly">one an hour, 30 minutes past the next</option>
            </select>
          </div>
        </div>
        <Estimate draft={draft} />
        <SelectionFields value={draft} onChange={({ events, where }) => onChange({ events, where })} />
        <SelectionPreview projectId={projectId} selection={draft} />
        <div className="stack tight">
          <Check
            checked={draft.sync}
            onChange={(sync) => onChange({ sync })}
            label="Add late events to folders that are exported already"
          />
          <Check
            checked={draft.manifest}
            onChange={(manifest) => onChange({ manifest })}
            label="Write each folder's manifest into the bucket too"
          />
        </div>
      </div>
    </section>
  )
}

interface CheckProps {
  checked: boolean
  label: string
  onChange(checked: boolean): void
}

function Check({ checked, label, onChange }: CheckProps) {
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} /> {label}
    </label>
  )
}
