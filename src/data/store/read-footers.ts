/** The footers of many segments, in order, some read ahead: in a bucket each takes its time to come. */
import type { SegmentId } from '../../ids.ts'
import type { BlobStore } from './blob-store.ts'
import { readFooter } from './read-footer.ts'
import type { SegmentFooter } from './segment-format.ts'

interface Segment {
  id: SegmentId
  byteLength: number
}

type WithFooter<Listed> = Listed & {
  /** Of undefined where the segment's write was cut short. */
  footer: Promise<SegmentFooter | undefined>
}

const readAhead = 16

/** A footer that can't be read rejects when its turn comes, and not before. */
export async function* readFooters<Listed extends Segment>(
  blobs: BlobStore,
  segments: AsyncIterable<Listed>,
): AsyncGenerator<WithFooter<Listed>> {
  const ahead: WithFooter<Listed>[] = []
  for await (const segment of segments) {
    const footer = readFooter(blobs, segment.id, segment.byteLength)
    footer.catch(() => undefined)
    ahead.push({ ...segment, footer })
    if (ahead.length > readAhead) yield ahead.shift() as WithFooter<Listed>
  }
  yield* ahead
}
