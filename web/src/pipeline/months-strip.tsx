import { useQuery } from '@tanstack/react-query'
import { foldersQuery } from '../api/pipeline-calls.ts'
import { folderStates } from '../words/folder-states.ts'
import type { ShownRange } from './shown-range.ts'
import { usePipeline } from './use-pipeline.ts'

interface Props {
  range: ShownRange
  onShow(date: string): void
}

/** Years of folders in a line: each month with the state in it that wants most attention, as a way to go there. */
export function MonthsStrip({ range, onShow }: Props) {
  const months = useQuery(foldersQuery(usePipeline(), { by: 'month' }))
  const cells = months.data?.cells ?? []
  if (cells.length <= range.months) return null
  return (
    <nav aria-label="Months">
      <ol className="strip">
        {cells.map(({ date, state }) => (
          <li key={date}>
            <button
              type="button"
              className={state}
              aria-current={date >= range.from.slice(0, 7) && date <= range.to.slice(0, 7)}
              onClick={() => onShow(`${date}-01`)}
            >
              {date} <span aria-hidden="true">{folderStates[state].sign}</span>
              <span className="visually-hidden">{folderStates[state].word}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
