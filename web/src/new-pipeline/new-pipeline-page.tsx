import './new-pipeline.css'
import { useState } from 'react'
import { useProject } from '../shell/current-project.ts'
import { useTitle } from '../shell/use-title.ts'
import { addDays, todayIn } from '../words/times.ts'
import { ConnectionSection } from './connection-section.tsx'
import { CreateSection } from './create-section.tsx'
import { DestinationSection } from './destination-section.tsx'
import { type Draft, emptyDraft, problemsOf, type SectionProps } from './draft.ts'
import { EventsSection } from './events-section.tsx'
import { RoleSection } from './role-section.tsx'

const daysAtFirst = 7

/** From a bucket's name to a pipeline: what to grant, whether it is granted, what will be exported, and off it goes. */
export function NewPipelinePage() {
  const { timezone } = useProject()
  const [draft, setDraft] = useState<Draft>(() => {
    const fromDate = addDays(todayIn(timezone, Date.now()), -daysAtFirst)
    return { ...emptyDraft, fromDate }
  })
  const section: SectionProps = {
    draft,
    problems: problemsOf(draft),
    onChange: (change) => setDraft((before) => ({ ...before, ...change })),
  }
  useTitle('New pipeline')
  return (
    <div className="stack new-pipeline">
      <h1>New pipeline</h1>
      <DestinationSection {...section} />
      <RoleSection {...section} />
      <ConnectionSection {...section} />
      <EventsSection {...section} />
      <CreateSection {...section} />
    </div>
  )
}
