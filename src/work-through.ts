export interface WorkThrough<Item> {
  items: AsyncIterable<Item> | Iterable<Item>
  /** Items worked at once. None is pulled from `items` while that many are. */
  atOnceMax: number
  signal: AbortSignal
  work(item: Item, signal: AbortSignal): Promise<void>
}

/**
 * Works items as they are yielded. The first failure aborts the others, waits until they have settled and closes the
 * iterator before it is raised, so that nothing of this call goes on after it has ended.
 */
export async function workThrough<Item>(options: WorkThrough<Item>): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const running = new Set<Promise<void>>()
  try {
    for await (const item of options.items) {
      signal.throwIfAborted()
      const work: Promise<void> = options
        .work(item, signal)
        .catch((error: unknown) => failed.abort(error))
        .finally(() => running.delete(work))
      running.add(work)
      if (running.size >= options.atOnceMax) await Promise.race(running)
      signal.throwIfAborted()
    }
  } catch (error) {
    // The first reason stays: where an item failed, `error` is that failure already.
    failed.abort(error)
  }
  await Promise.all(running)
  signal.throwIfAborted()
}
