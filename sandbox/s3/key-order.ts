/** Keys in the order in which S3 lists them: that of their UTF-8 bytes. */

export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** The place of the first key that is not before `key`; the number of keys where all are. */
export function placeOf(sortedKeys: readonly string[], key: string): number {
  let [from, to] = [0, sortedKeys.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (compareKeys(sortedKeys[middle] ?? '', key) < 0) from = middle + 1
    else to = middle
  }
  return from
}
