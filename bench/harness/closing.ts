/** What has to be closed at the end, the latest first. Once the end has begun, nothing more is opened. */

export interface Closing {
  add(close: () => Promise<unknown>): void
  /** Something with an end of its own, also where it is not open yet when the end comes. */
  open<Part>(open: () => Promise<Part>, close: (part: Part) => unknown): Promise<Part>
  /** Closes all of it, whatever fails; then raises the first failure. */
  close(): Promise<void>
}

export function createClosing(): Closing {
  const closings: (() => Promise<unknown>)[] = []
  let isClosing = false
  const add: Closing['add'] = (close) => {
    if (isClosing) throw new Error('nothing is opened any more: the end has begun')
    closings.push(close)
  }
  return {
    add,
    open: async <Part>(open: () => Promise<Part>, close: (part: Part) => unknown) => {
      let opening: Promise<Part> | undefined
      add(async () => {
        // Who asked for it is told why it did not open.
        const opened = await opening?.then(
          (part) => ({ part }),
          () => undefined,
        )
        if (opened !== undefined) await close(opened.part)
      })
      opening = open()
      return await opening
    },
    close: async () => {
      isClosing = true
      const failures: unknown[] = []
      for (let close = closings.pop(); close !== undefined; close = closings.pop()) {
        await close().catch((cause: unknown) => failures.push(cause))
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
