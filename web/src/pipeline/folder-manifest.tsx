import { useQuery } from '@tanstack/react-query'
import { type FolderKey, historyQuery, manifestQuery } from '../api/pipeline-calls.ts'
import { CallFailed } from '../api/request.ts'
import { Failure } from '../parts/failure.tsx'
import { Loading } from '../parts/loading.tsx'
import { count, size } from '../words/amounts.ts'
import { wallClock } from '../words/times.ts'

/** What the folder consists of, in sum. */
export function FolderManifest({ folder }: { folder: FolderKey }) {
  const manifest = useQuery(manifestQuery(folder))
  if (manifest.isPending) return <Loading what="the manifest" />
  if (isUnfinished(manifest.error)) return <Unfinished folder={folder} />
  if (manifest.isError) return <Failure failure={manifest.error} again={manifest.refetch} />
  const { data } = manifest
  return (
    <dl className="facts num">
      <dt>Folder</dt>
      <dd>
        <code className="break">{data.folder}</code>
      </dd>
      <dt>Events</dt>
      <dd>{count(data.events)}</dd>
      <dt>Bytes</dt>
      <dd>
        {count(data.bytes)} <span className="soft">({size(data.bytes)}, gzip)</span>
      </dd>
      <dt>Files</dt>
      <dd>{count(data.files.length)}</dd>
      <dt>Duplicates left out</dt>
      <dd>{count(data.duplicates_removed)}</dd>
      <dt>First event</dt>
      <dd>{data.first_time === undefined ? 'no event' : `${wallClock(data.first_time)} UTC`}</dd>
      <dt>Last event</dt>
      <dd>{data.last_time === undefined ? 'no event' : `${wallClock(data.last_time)} UTC`}</dd>
      <dt>Exported</dt>
      <dd>{wallClock(data.exported_at)}</dd>
      {data.synced_at !== undefined && (
        <>
          <dt>Late events added</dt>
          <dd>{wallClock(data.synced_at)}</dd>
        </>
      )}
      <dt>Complete up to</dt>
      <dd>commit {count(data.commit_seen)}</dd>
    </dl>
  )
}

/** A folder that isn't finished has no manifest; that is no failure. */
export function isUnfinished(failure: unknown): boolean {
  return failure instanceof CallFailed && failure.status === 404
}

/** Why it has none yet. */
function Unfinished({ folder }: { folder: FolderKey }) {
  const history = useQuery(historyQuery(folder))
  const failed = history.data?.runs.find(({ error }) => error !== undefined)
  return (
    <div className="stack">
      <p className="soft">
        The folder is not finished, so nothing is in it yet: a manifest comes with <code>complete</code>.
      </p>
      {failed?.error !== undefined && (
        <div className="notice bad">
          <p className="break">
            <strong>{failed.error.code}</strong> {failed.error.message}
          </p>
        </div>
      )}
    </div>
  )
}
