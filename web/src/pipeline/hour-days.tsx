import { WideTable } from '../parts/wide-table.tsx'
import type { CellsProps } from './cells-props.ts'
import { FolderCell } from './folder-cell.tsx'
import { folderId } from './folder-id.ts'

const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

/** Hourly folders of a month: a row a day, a column an hour. */
export function HourDays({ cells, measure, max, open, reachable }: CellsProps) {
  const days = Map.groupBy(cells, (cell) => cell.date)
  return (
    <WideTable label="Hours" className="hours">
      <thead>
        <tr>
          <th scope="col">Day</th>
          {hours.map((hour) => (
            <th key={hour} scope="col">
              {hour}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[...days].map(([date, folders]) => {
          const byHour = new Map(folders.map((cell) => [cell.hour, cell]))
          return (
            <tr key={date}>
              <th scope="row">{date.slice(5)}</th>
              {hours.map((hour) => {
                const cell = byHour.get(hour)
                return (
                  <td key={hour}>
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
                )
              })}
            </tr>
          )
        })}
      </tbody>
    </WideTable>
  )
}
