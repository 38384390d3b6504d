import type { FolderCell as Cell } from '../api/answers.ts'
import { monthTitle, weekday } from '../words/times.ts'
import type { CellsProps } from './cells-props.ts'
import { FolderCell } from './folder-cell.tsx'
import { folderId } from './folder-id.ts'

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** Daily folders, month by month as on a wall calendar. */
export function DayMonths({ cells, ...shown }: CellsProps) {
  const months = Map.groupBy(cells, (cell) => cell.date.slice(0, 7))
  return (
    <div className="months">
      {[...months].map(([month, days]) => (
        <Month key={month} month={month} days={days} {...shown} />
      ))}
    </div>
  )
}

interface MonthProps extends Omit<CellsProps, 'cells'> {
  month: string
  days: Cell[]
}

function Month({ month, days, measure, max, open, reachable }: MonthProps) {
  return (
    <table className="month">
      <caption>{monthTitle(month)}</caption>
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th key={day} scope="col" abbr={day}>
              {day.slice(0, 2)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(days).map((week) => (
          <tr key={week.find((day) => day !== undefined)?.date}>
            {week.map((cell, index) => (
              <td key={weekdays[index]}>
                {cell !== undefined && (
                  <FolderCell
                    cell={cell}
                    measure={measure}
                    max={max}
                    open={open === folderId(cell)}
                    reachable={reachable === folderId(cell)}
                  />
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Seven places a week, empty where the month or the pipeline has no such day. */
function weeksOf(days: Cell[]): (Cell | undefined)[][] {
  const [first] = days
  if (first === undefined) return []
  const byDay = new Map(days.map((cell) => [Number(cell.date.slice(8)), cell]))
  const last = Number(days.at(-1)?.date.slice(8))
  const offset = weekday(`${first.date.slice(0, 7)}-01`)
  const firstWeek = Math.floor((Number(first.date.slice(8)) - 1 + offset) / 7)
  const lastWeek = Math.floor((last - 1 + offset) / 7)
  return Array.from({ length: lastWeek - firstWeek + 1 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => byDay.get((firstWeek + week) * 7 + day - offset + 1)),
  )
}
