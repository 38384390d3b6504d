/** What a connection test whose process ended in the middle has left: the next one takes it away, or the daily sweep. */
import type { ObjectTest } from './object-test.ts'
import { isLeftover } from './probe-object.ts'

type Sweep = Pick<ObjectTest, 'folder' | 'attempt' | 'clock' | 'signal' | 'log'> & {
  destination: Pick<ObjectTest['destination'], 'listFolder' | 'deleteObject'>
  context: Pick<ObjectTest['context'], 'bucket'>
}

/** As far as the role may list and delete; what could not be deleted is logged. */
export async function deleteLeftovers(sweep: Sweep): Promise<void> {
  const { destination, folder, attempt, signal, clock, log, context } = sweep
  const listed = await attempt(() => destination.listFolder(folder, signal))
  if (listed.error !== undefined) return
  for (const { key } of listed.value) {
    if (!isLeftover(key, folder, clock.nowMs())) continue
    const gone = await attempt(() => destination.deleteObject(key, signal))
    if (gone.error !== undefined)
      log.warn({ err: gone.error, bucket: context.bucket, key }, 'an old probe stays')
  }
}
