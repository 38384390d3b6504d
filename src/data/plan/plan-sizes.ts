/** How much of a folder's keys is worked at once; all of it follows from one setting. */
export interface PlanSizes {
  /** Keys that stay in memory from one step to the next; of a folder that has more, they go to the spool. */
  keysInMemoryMax: number
  /** Dedup records that are read and partitioned together. */
  chunkRecords: number
  /** Keys of one partition, on average: few enough that what is known of them fits in a core's cache. */
  partitionKeys: number
  /** So many bits of a key may choose its partition: each chunk notes where each partition starts, a bit a record. */
  partitionBitsMax: number
  /** Entries that one task matches. */
  matchEntries: number
  /** Lines of a folder whose candidates are looked at together. */
  bucketLines: number
  /** Identities of lines that are compared together. */
  identityBytes: number
}

/** The largest partition whose filter (twice-filter.ts) takes a quarter of a megabyte, which a core's second cache holds. */
const partitionKeysMax = 131_072
/** Partitions are told by the first two bytes of a key. */
const keyBits = 16
/** However small a chunk is, it notes so many partitions. */
const partitionsMin = 16
const chunkRecordsMax = 262_144

export function planSizes(keysInMemoryMax: number): PlanSizes {
  const share = (parts: number): number => Math.max(1, Math.floor(keysInMemoryMax / parts))
  const chunkRecords = Math.min(chunkRecordsMax, share(4))
  return {
    keysInMemoryMax,
    chunkRecords,
    partitionBitsMax: Math.min(keyBits, Math.floor(Math.log2(Math.max(partitionsMin, chunkRecords / 32)))),
    partitionKeys: Math.min(partitionKeysMax, share(16)),
    matchEntries: share(2),
    bucketLines: share(2),
    identityBytes: keysInMemoryMax * 8,
  }
}
