import { createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sameSignature } from '../sigv4/signature.ts'

const claimsSchema = z.object({
  roleArn: z.string(),
  sessionName: z.string(),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  /** The inline session policy as it was sent. */
  policy: z.string().nullable(),
})

export type SessionClaims = z.output<typeof claimsSchema>

export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

/**
 * Makes the credentials of role sessions. The token carries the session and a seal, and the keys are derived from it:
 * nothing is kept, so sessions outlive a restart with the same key, as those of AWS do.
 */
export class SessionIssuer {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  issue(claims: SessionClaims): SessionCredentials {
    const payload = Buffer.from(JSON.stringify({ ...claims, nonce: randomUUID() })).toString('base64url')
    return { ...this.#keysOf(payload), sessionToken: `${payload}.${this.#derive('seal', payload, 'hex')}` }
  }

  /** What a token stands for, or null where it is not one of ours. */
  open(sessionToken: string): { claims: SessionClaims; credentials: SessionCredentials } | null {
    const [payload = '', seal = ''] = sessionToken.split('.')
    if (!sameSignature(seal, this.#derive('seal', payload, 'hex'))) return null
    const claims = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    return { claims, credentials: { ...this.#keysOf(payload), sessionToken } }
  }

  #keysOf(payload: string) {
    const id = this.#derive('id', payload, 'hex').toUpperCase().slice(0, 16)
    return {
      accessKeyId: `ASIA${id}`,
      secretAccessKey: this.#derive('secret', payload, 'base64').slice(0, 40),
    }
  }

  #derive(purpose: string, payload: string, encoding: 'hex' | 'base64'): string {
    return createHmac('sha256', this.#key).update(`${purpose}:${payload}`).digest(encoding)
  }
}
