import type { FolderCell } from '../api/answers.ts'
import { Mark, type Tone } from '../parts/mark.tsx'
import { WideTable } from '../parts/wide-table.tsx'
import { count, size } from '../words/amounts.ts'
import { folderStates } from '../words/folder-states.ts'
import { wallClock } from '../words/times.ts'
import { folderId } from './folder-id.ts'

interface Props {
  cells: FolderCell[]
  open: string | undefined
  onOpen(folder: string): void
}

export const stateTones: Record<FolderCell['state'], Tone> = {
  delivered: 'good',
  late_pending: 'warn',
  running: 'busy',
  pending: 'quiet',
  failed: 'bad',
  not_due: 'quiet',
}

/** The same folders as the calendar's, in rows. */
export function FolderTable({ cells, open, onOpen }: Props) {
  return (
    <WideTable label="Table of folders" className="num">
      <thead>
        <tr>
          <th scope="col">Folder</th>
          <th scope="col">State</th>
          <th scope="col" className="right">
            Events
          </th>
          <th scope="col" className="right">
            Bytes
          </th>
          <th scope="col" className="right">
            Files
          </th>
          <th scope="col" className="right">
            Duplicates
          </th>
          <th scope="col">Exported</th>
        </tr>
      </thead>
      <tbody>
        {cells.toReversed().map((cell) => {
          const id = folderId(cell)
          return (
            <tr key={id}>
              <th scope="row">
                <button type="button" className="plain" aria-pressed={open === id} onClick={() => onOpen(id)}>
                  {cell.hour === undefined ? cell.date : `${cell.date} ${cell.hour}:00`}
                </button>
              </th>
              <td>
                <Mark tone={stateTones[cell.state]}>{folderStates[cell.state].word}</Mark>
              </td>
              <td className="right">{count(cell.events)}</td>
              <td className="right nowrap">{size(cell.bytes)}</td>
              <td className="right">{count(cell.files)}</td>
              <td className="right">{count(cell.duplicates)}</td>
              <td className="nowrap soft">
                {cell.exported_at === undefined ? '' : wallClock(cell.exported_at)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </WideTable>
  )
}
