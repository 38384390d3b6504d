/** What KMS gives back for a plaintext: it names its key, and opens only with the encryption context that it was made with. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

export type EncryptionContext = Readonly<Record<string, string>>

const nonceBytes = 12
const tagBytes = 16

export function seal(keyArn: string, plaintext: Buffer, context: EncryptionContext): Buffer {
  const name = Buffer.from(keyArn)
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', material(keyArn), nonce).setAAD(associatedData(context))
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([Buffer.from([name.length]), name, nonce, cipher.getAuthTag(), sealed])
}

/** The ARN of a ciphertext's key; null where it is none of ours. */
export function keyOf(ciphertext: Buffer): string | null {
  const end = 1 + (ciphertext[0] ?? 0)
  if (ciphertext.length < end + nonceBytes + tagBytes) return null
  return ciphertext.subarray(1, end).toString()
}

/** Null where the ciphertext was changed, or the context is another. */
export function unseal(ciphertext: Buffer, context: EncryptionContext): Buffer | null {
  const keyArn = keyOf(ciphertext)
  if (keyArn === null) return null
  const rest = ciphertext.subarray(1 + (ciphertext[0] ?? 0))
  const nonce = rest.subarray(0, nonceBytes)
  const tag = rest.subarray(nonceBytes, nonceBytes + tagBytes)
  try {
    const decipher = createDecipheriv('aes-256-gcm', material(keyArn), nonce)
    decipher.setAAD(associatedData(context)).setAuthTag(tag)
    return Buffer.concat([decipher.update(rest.subarray(nonceBytes + tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

/** Nothing here is kept secret: a key is its name, so that a restarted sandbox opens what it gave out before. */
function material(keyArn: string): Buffer {
  return createHash('sha256').update(`sandbox key ${keyArn}`).digest()
}

/** The order of its pairs doesn't matter. */
function associatedData(context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))))
}
