/** What ends an import, or keeps it from beginning. */
import { PenstockError } from '../../errors/penstock-error.ts'

export function optionsInvalid(found: string): PenstockError {
  return new PenstockError('caller', 'IMPORT_OPTIONS_INVALID', `${found}. See: penstock import --help`)
}

export function fileUnreadable(file: string, cause: unknown): PenstockError {
  const found = cause instanceof Error ? cause.message : String(cause)
  return new PenstockError('caller', 'IMPORT_FILE_UNREADABLE', `${file} can't be read: ${found}`, { cause })
}

export function rejectsUnwritable(file: string, cause: unknown): PenstockError {
  const found = cause instanceof Error ? cause.message : String(cause)
  return new PenstockError(
    'caller',
    'IMPORT_REJECTS_UNWRITABLE',
    `rejects file ${file} can't be written: ${found}. Name another file with --rejects.`,
    { cause },
  )
}

/** `said` is the status and what the server said with it. */
export function requestRefused(
  url: URL,
  batch: string,
  said: string,
  location: string | null,
): PenstockError {
  return new PenstockError(
    'caller',
    'IMPORT_REQUEST_REFUSED',
    `${url.origin} answered ${batch} with ${said}. ${nextStep(said, url, location)}`,
  )
}

function nextStep(said: string, url: URL, location: string | null): string {
  if (location !== null) return `It redirects to ${location}: give that server's address with --url.`
  if (/^40[13]/.test(said)) return "Give the project's API secret with --secret or --secret-file."
  if (/^40[45]/.test(said)) return `Nothing takes events at ${url.href}: give Penstock's address with --url.`
  if (said.startsWith('413')) {
    return 'A proxy on the way may allow less than the 10 MB that a request may have: raise its limit.'
  }
  return 'Sending it again would change nothing; put right what it says and run the import again.'
}

export function serverUntrusted(url: URL, found: string, cause: unknown): PenstockError {
  return new PenstockError(
    'outside',
    'IMPORT_SERVER_UNTRUSTED',
    `the certificate of ${url.origin} is not trusted: ${found}. Name the file of its issuer's certificate in NODE_EXTRA_CA_CERTS.`,
    { cause },
  )
}

export function answerUnexpected(url: URL, batch: string, status: number): PenstockError {
  return new PenstockError(
    'outside',
    'IMPORT_ANSWER_UNEXPECTED',
    `${url.origin} answered ${batch} with ${status} and a body that does not account for each event. Is it a Penstock's address?`,
  )
}

export function gaveUp(url: URL, again: string, retryMsMax: number): PenstockError {
  return new PenstockError(
    'outside',
    'IMPORT_GAVE_UP',
    `${url.origin}: ${again}; gave up after ${retryMsMax / 1000} seconds. Run the import again when it is well: no event is kept twice.`,
    { retryable: true },
  )
}
