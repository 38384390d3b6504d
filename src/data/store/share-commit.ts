/**
 * Which of the batches that wait go into the next commit, when they are more than one commit should hold: each project's
 * oldest, projects in turn. A project that sends in masses waits behind itself, and others' batches go with the next commit.
 */
import type { EventBatch } from '../ingest/event-batch.ts'

interface Waiting {
  batch: Pick<EventBatch, 'projectId' | 'lines'>
}

/** Bytes that each project gets in a turn; a batch that begins in them goes whole. */
const turnBytes = 64 * 1024

/** Pure. Takes one batch at least; of a project, the batches in their order. */
export function shareCommit<Item extends Waiting>(
  waiting: readonly Item[],
  bytesMax: number,
): { taken: Item[]; left: Item[] } {
  const taken = new Set<Item>()
  let queues = queuesByProject(waiting)
  let bytes = 0
  for (let granted = turnBytes; queues.length > 0; granted += turnBytes) {
    for (const queue of queues) {
      while (
        queue.items.length > queue.next &&
        queue.bytes < granted &&
        (bytes < bytesMax || taken.size === 0)
      ) {
        const item = queue.items[queue.next] as Item
        queue.next += 1
        queue.bytes += item.batch.lines.length
        bytes += item.batch.lines.length
        taken.add(item)
      }
    }
    if (bytes >= bytesMax && taken.size > 0) break
    queues = queues.filter(({ items, next }) => next < items.length)
  }
  return {
    taken: waiting.filter((item) => taken.has(item)),
    left: waiting.filter((item) => !taken.has(item)),
  }
}

interface Queue<Item> {
  items: Item[]
  next: number
  bytes: number
}

/** In the order in which their first batches came. */
function queuesByProject<Item extends Waiting>(waiting: readonly Item[]): Queue<Item>[] {
  const queues = new Map<number, Queue<Item>>()
  for (const item of waiting) {
    const queue = queues.get(item.batch.projectId) ?? { items: [], next: 0, bytes: 0 }
    queue.items.push(item)
    queues.set(item.batch.projectId, queue)
  }
  return [...queues.values()]
}
