import { PenstockError } from '../../errors/penstock-error.ts'

/** One that is not there was merged under a reader that lost its hold, or is lost: a new look at the index tells. */
export function segmentMissing(cause?: unknown): PenstockError {
  return new PenstockError(
    'outside',
    'STORE_SEGMENT_MISSING',
    'a segment is not there: it was merged while it was read, or it is lost. Try again; `penstock store check` lists what is lost.',
    { cause, retryable: true },
  )
}

/** @param atByte where it ends, as far as is known */
export function segmentEnds(atByte: number, wantedTo: number): PenstockError {
  return new PenstockError(
    'invariant',
    'STORE_SEGMENT_CORRUPT',
    `a segment ends at byte ${atByte}, before byte ${wantedTo} that its index names. Restore it from a back-up.`,
  )
}
