export interface BasicCredentials {
  user: string
  password: string
}

/** As the server generates API secrets and tokens. */
const generatedSecret = /^[0-9a-f]{32}$/

/**
 * Reads `Authorization: Basic …`: base64 of `user:password`, or that in plain text, as Mixpanel takes it. A secret
 * alone, as singer-io/tap-mixpanel sends it, is a user with an empty password. Undefined where there is no such header or
 * it can't be read.
 */
export function parseBasic(header: string | undefined): BasicCredentials | undefined {
  const value = /^Basic +(\S.*)$/i.exec(header?.trim() ?? '')?.[1]
  if (value === undefined) return undefined
  // Base64 has no colon, so one can't be taken for the other.
  const plain = value.includes(':') ? value : Buffer.from(value, 'base64').toString('utf8')
  if (generatedSecret.test(plain)) return { user: plain, password: '' }
  const colon = plain.indexOf(':')
  if (colon === -1) return undefined
  return { user: plain.slice(0, colon), password: plain.slice(colon + 1) }
}
