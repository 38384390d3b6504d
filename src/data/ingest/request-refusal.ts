import { PenstockError } from '../../errors/penstock-error.ts'

/** Why a whole request is refused before any of its events is stored. */
export type RequestRefusalCode = 'INGEST_BODY_INVALID' | 'INGEST_TOO_LARGE' | 'INGEST_FORMAT_UNSUPPORTED'

/** A refusal as it crosses from thread to thread, where an error would lose its class. */
export interface RequestRefusal {
  code: RequestRefusalCode
  error: string
}

export function refuseRequest(code: RequestRefusalCode, error: string): PenstockError {
  return new PenstockError('caller', code, error)
}

/** Runs the work of a thread task; a refusal that it throws becomes its result. */
export function orRefusal<Result>(work: () => Result): Result | { refused: RequestRefusal } {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof PenstockError && cause.kind === 'caller') {
      return { refused: { code: cause.code as RequestRefusalCode, error: cause.message } }
    }
    throw cause
  }
}
