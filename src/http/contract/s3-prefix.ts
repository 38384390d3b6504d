import type { Problem } from './aws-names.ts'

/** A key has 1,024 bytes; this leaves enough for the folder and the file's own name. */
const prefixBytesMax = 800

/** A prefix as it is kept: without the slash at its end that some people write and some don't. */
export function normalizePrefix(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
}

/** What is wrong with a normalized prefix, as the end of a sentence that begins with it. */
export function prefixProblem(prefix: string): Problem {
  if (prefix.startsWith('/') || prefix === '')
    return 'must not begin with a slash: keys in a bucket have no root'
  if (/\p{Cc}/u.test(prefix)) return 'must not contain control characters'
  if (Buffer.byteLength(prefix) > prefixBytesMax) return `must be at most ${prefixBytesMax} bytes long`
  const segments = prefix.split('/')
  if (segments.includes('')) return 'must not contain two slashes in a row'
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'must not contain . or .. between slashes'
  }
  return undefined
}
