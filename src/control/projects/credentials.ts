import { createHash, randomBytes } from 'node:crypto'
import type { ProjectToken } from '../../ids.ts'

/** 32 lower-case hex digits; not secret: it stands in web pages, and is the STS external ID. */
export function newToken(): ProjectToken {
  return randomBytes(16).toString('hex') as ProjectToken
}

/** 32 lower-case hex digits that are shown once and kept nowhere. */
export function newApiSecret(): string {
  return randomBytes(16).toString('hex')
}

/**
 * What is kept of a secret. A slow hash protects what people choose and others can guess; 128 random bits can't be
 * guessed, so a fast one does, and every request can afford it.
 */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
