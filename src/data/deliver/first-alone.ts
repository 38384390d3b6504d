/** Lets the first of several tasks finish well before any other starts. */
export type FirstAlone = <Result>(task: () => Promise<Result>) => Promise<Result>

/** Where the first task fails, the next one is alone in its turn; after one success all go at once. */
export function createFirstAlone(): FirstAlone {
  let succeeded = false
  let alone: Promise<unknown> | undefined
  return async (task) => {
    while (!succeeded && alone !== undefined) await alone
    if (succeeded) return task()
    const first = task().then((result) => {
      succeeded = true
      return result
    })
    alone = first
      .catch(() => {})
      .finally(() => {
        alone = undefined
      })
    return first
  }
}
