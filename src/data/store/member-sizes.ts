/** Uncompressed bytes that decide which lines share a member. */
export interface MemberSizes {
  /** A member is full from here on. */
  partSizeBytes: number
  /** One name's lines of an hour fill a member of their own from here on: a selection by name is then a copy. */
  ownMemberBytes: number
  /** Hours that have less share members … */
  spreadHourBytes: number
  /** … of about this. */
  spreadMemberBytes: number
  /** Of one name and hour, a member that has so much is left alone by merges. */
  settledBytes: number
}

const kibibyte = 1024

/** What ingest makes: a commit has few lines of most names, and each member costs an index row. */
export function sealedSizes(partSizeBytes: number): MemberSizes {
  return { ...sharedSizes(partSizeBytes), ownMemberBytes: 256 * kibibyte }
}

/** What merges make: many commits' lines of an hour, so that nearly every name has enough for a member. */
export function mergedSizes(partSizeBytes: number): MemberSizes {
  return { ...sharedSizes(partSizeBytes), ownMemberBytes: Math.min(16 * kibibyte, partSizeBytes / 8) }
}

function sharedSizes(partSizeBytes: number): Omit<MemberSizes, 'ownMemberBytes'> {
  return {
    partSizeBytes,
    // Smaller where a full member is small.
    spreadHourBytes: Math.min(16 * kibibyte, partSizeBytes / 8),
    spreadMemberBytes: Math.min(64 * kibibyte, partSizeBytes / 2),
    settledBytes: Math.min(256 * kibibyte, partSizeBytes / 8),
  }
}
