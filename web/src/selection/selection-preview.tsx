import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { previewQuery } from '../api/pipeline-calls.ts'
import type { Parameters } from '../api/request.ts'
import { EventList, listed } from '../events/event-list.tsx'
import { SearchSpan } from '../events/search-span.tsx'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { namesOf, type Selection } from './selection-fields.tsx'

interface Props {
  projectId: string
  selection: Selection
}

const previewed = 5

/** The newest stored events that a selection takes, read when one asks. */
export function SelectionPreview({ projectId, selection }: Props) {
  const [asked, setAsked] = useState<Parameters>()
  const preview = useQuery({ ...previewQuery(asked ?? {}), enabled: asked !== undefined })
  const ask = (toDate?: string) => {
    const where = selection.where.trim()
    const events = namesOf(selection.events)
    setAsked({
      project_id: projectId,
      events: events.length === 0 ? undefined : events,
      where: where === '' ? undefined : where,
      to_date: toDate,
      limit: previewed,
    })
  }
  return (
    <section className="stack tight" aria-label="Preview">
      <div className="button-row">
        <button type="button" onClick={() => ask()} disabled={preview.isFetching}>
          Preview the newest events that it selects
        </button>
      </div>
      {preview.isFetching && <Loading what="the newest events" />}
      {preview.isError && <Failure failure={preview.error} />}
      {preview.data !== undefined && (
        <>
          <SearchSpan answer={preview.data} onEarlier={ask} />
          <EventList events={listed(preview.data.events)} />
        </>
      )}
    </section>
  )
}
