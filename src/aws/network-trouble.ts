/** Tells apart what goes wrong before there is an answer, by Node's own error codes. */

export type NetworkTrouble = 'dns' | 'tls' | 'refused' | 'timeout' | 'cut'

const refused = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
])
const cut = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'])
const tls =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$)/

/** Undefined where it is no trouble of the network. */
export function networkTrouble(error: unknown): NetworkTrouble | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // The SDK calls a connection that was cut a TimeoutError too, so the code goes first.
  // HPE_: the answer is no HTTP, as when a connection breaks in the middle of it.
  if (cut.has(code) || code.startsWith('HPE_')) return 'cut'
  if (error.name === 'TimeoutError' || code === 'ETIMEDOUT') return 'timeout'
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'dns'
  if (tls.test(code)) return 'tls'
  if (refused.has(code)) return 'refused'
  return firstInside(error)
}

/** Where a host has several addresses Node reports one error for each try, inside one. */
function firstInside(error: Error): NetworkTrouble | undefined {
  const inside = error instanceof AggregateError ? error.errors : [error.cause]
  for (const each of inside) {
    const trouble = networkTrouble(each)
    if (trouble !== undefined) return trouble
  }
  return undefined
}
