import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { FoldersAnswer } from '../api/answers.ts'
import { foldersQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { monthStart } from '../words/times.ts'
import { FolderCalendar } from './folder-calendar.tsx'
import { folderPlace } from './folder-id.ts'
import { FolderTable } from './folder-table.tsx'
import { Legend } from './legend.tsx'
import type { Measure } from './levels.ts'
import { MonthsStrip } from './months-strip.tsx'
import { earlierThan, shownRange, titleOf } from './shown-range.ts'
import { pipelineRoute, usePipeline } from './use-pipeline.ts'

/** Some months of folders, of however many there are, and the ways to the others. */
export function CalendarCard({ whole }: { whole: FoldersAnswer }) {
  const key = usePipeline()
  const { month, view, folder } = useSearch({ from: pipelineRoute })
  const navigate = useNavigate({ from: pipelineRoute })
  const [measure, setMeasure] = useState<Measure>('events')
  const range = shownRange(whole, month)
  const folders = useQuery(foldersQuery(key, { from: range.from, to: range.to, by: 'folder' }))
  const show = (date: string) =>
    navigate({ search: (before) => ({ ...before, month: date.slice(0, 7) }), resetScroll: false })
  const open = (id: string) =>
    navigate({ search: (before) => ({ ...before, folder: id }), resetScroll: false })
  const leave = (id: string) => {
    const { date } = folderPlace(id)
    void show(date < range.from ? monthStart(date) : monthStart(date, 1 - range.months))
  }
  return (
    <section className="card" aria-label="Folders">
      <header>
        <h2>Folders</h2>
        <div className="calendar-bar">
          <span className="button-row">
            <button
              type="button"
              disabled={range.from <= monthStart(whole.from_date)}
              onClick={() => show(earlierThan(range))}
            >
              ← Earlier
            </button>
            <span className="num soft">{titleOf(range)}</span>
            <button
              type="button"
              disabled={range.to >= whole.to_date}
              onClick={() => show(monthStart(range.from, range.months))}
            >
              Later →
            </button>
          </span>
          <select
            aria-label="Colour by"
            value={measure}
            onChange={({ target }) => setMeasure(target.value === 'bytes' ? 'bytes' : 'events')}
          >
            <option value="events">Events</option>
            <option value="bytes">Bytes</option>
          </select>
          <select
            aria-label="Show as"
            value={view ?? 'calendar'}
            onChange={({ target }) =>
              navigate({
                search: ({ view: _, ...before }) =>
                  target.value === 'table' ? { ...before, view: 'table' as const } : before,
                resetScroll: false,
              })
            }
          >
            <option value="calendar">Calendar</option>
            <option value="table">Table</option>
          </select>
        </div>
      </header>
      <div className="body stack">
        <MonthsStrip range={range} onShow={show} />
        {folders.isError && <Failure failure={folders.error} again={folders.refetch} />}
        {folders.isPending && <Loading what="the folders" />}
        {folders.data !== undefined &&
          (folders.data.cells.length === 0 ? (
            <p className="soft">No folder of this pipeline is in these months.</p>
          ) : view === 'table' ? (
            <FolderTable cells={folders.data.cells} open={folder} onOpen={open} />
          ) : (
            <FolderCalendar
              answer={folders.data}
              measure={measure}
              open={folder}
              onOpen={open}
              onLeave={leave}
            />
          ))}
        {folders.data !== undefined && <Legend counts={folders.data.totals.folders} measure={measure} />}
      </div>
    </section>
  )
}
