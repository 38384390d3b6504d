import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type FolderKey, manifestQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { WideTable } from '../parts/wide-table.tsx'
import { count, counted, size } from '../words/amounts.ts'
import { isUnfinished } from './folder-manifest.tsx'

const pageFiles = 100

/** Every file of the folder, as many at once as a page bears. */
export function FolderFiles({ folder }: { folder: FolderKey }) {
  const manifest = useQuery(manifestQuery(folder))
  const [shown, setShown] = useState(pageFiles)
  if (manifest.isPending) return <Loading what="the files" />
  if (isUnfinished(manifest.error))
    return <p className="soft">The folder is not finished: it has no files yet.</p>
  if (manifest.isError) return <Failure failure={manifest.error} again={manifest.refetch} />
  const { files } = manifest.data
  if (files.length === 0) {
    return (
      <p className="soft">
        No file: nothing happened in this time. Its <code>complete</code> says so.
      </p>
    )
  }
  return (
    <div className="stack">
      <WideTable label="Files" className="num">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" className="right">
              Events
            </th>
            <th scope="col" className="right">
              Bytes
            </th>
          </tr>
        </thead>
        <tbody>
          {files.slice(0, shown).map((file) => (
            <tr key={file.name}>
              <th scope="row">
                <code>{file.name}</code>
              </th>
              <td className="right">{count(file.events)}</td>
              <td className="right nowrap" title={`${count(file.bytes)} bytes`}>
                {size(file.bytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      {files.length > shown && (
        <button type="button" onClick={() => setShown(shown + pageFiles)}>
          Show more of {counted(files.length, 'file')}
        </button>
      )}
    </div>
  )
}
