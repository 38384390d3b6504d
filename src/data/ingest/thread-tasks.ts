/** Thread tasks: their results' buffers move to the main thread. */
import { moved } from '../../threads/moved.ts'
import { buffersOf } from './batch-builder.ts'
import { type ImportInput, prepareImport } from './prepare-import.ts'
import { prepareTrack, type TrackInput } from './prepare-track.ts'

export function prepareImportTask(input: ImportInput): ReturnType<typeof prepareImport> {
  const prepared = prepareImport(input)
  return 'refused' in prepared ? prepared : moved(prepared, buffersOf(prepared.columns))
}

export function prepareTrackTask(input: TrackInput): ReturnType<typeof prepareTrack> {
  const prepared = prepareTrack(input)
  if ('refused' in prepared) return prepared
  return moved(
    prepared,
    prepared.groups.flatMap(({ columns }) => buffersOf(columns)),
  )
}
