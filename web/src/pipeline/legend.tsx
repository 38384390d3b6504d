import type { FolderState, FoldersAnswer } from '../api/answers.ts'
import { count } from '../words/amounts.ts'
import { folderStates } from '../words/folder-states.ts'
import type { Measure } from './levels.ts'

const told: FolderState[] = ['failed', 'late_pending', 'running', 'pending', 'not_due']

/** What colours, borders and signs mean, and how many folders are in each state. */
export function Legend({
  counts,
  measure,
}: {
  counts: FoldersAnswer['totals']['folders']
  measure: Measure
}) {
  return (
    <div className="legend num">
      <span className="key">
        delivered {count(counts.delivered ?? 0)}: fewer {measure}
        <span className="scale" aria-hidden="true">
          {[0, 1, 2, 3, 4].map((level) => (
            <i key={level} className={`level-${level}`} />
          ))}
        </span>
        more
      </span>
      {told.map((state) => (
        <span key={state} className="key">
          <span className={`cell ${state}`} aria-hidden="true">
            {folderStates[state].sign}
          </span>
          {folderStates[state].word} {count(counts[state] ?? 0)}
        </span>
      ))}
    </div>
  )
}
