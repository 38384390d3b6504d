/** A map that holds the entries used last. What falls out is made anew when it is asked for again. */
export interface RecentMap<Value> {
  getOrCreate(key: string, create: () => Value): Value
  values(): Iterable<Value>
}

export function createRecentMap<Value>(sizeMax: number): RecentMap<Value> {
  // A Map iterates in the order of insertion: the first is the one that was not used for longest.
  const entries = new Map<string, Value>()
  return {
    getOrCreate(key, create) {
      const value = entries.get(key) ?? create()
      entries.delete(key)
      entries.set(key, value)
      for (const oldest of entries.keys()) {
        if (entries.size <= sizeMax) break
        entries.delete(oldest)
      }
      return value
    },
    values: () => entries.values(),
  }
}
