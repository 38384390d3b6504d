import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { PenstockError } from '../errors/penstock-error.ts'
import { watchFiles } from '../file-changes.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  cert: string
  key: string
}

export interface TlsMaterial {
  cert: Buffer
  key: Buffer
}

/** @throws PenstockError TLS_FILES_INVALID when they can't be read, or the key is not the certificate's */
export async function readTlsFiles({ cert, key }: TlsFiles): Promise<TlsMaterial> {
  try {
    const material = { cert: await readFile(cert), key: await readFile(key) }
    createSecureContext(material)
    return material
  } catch (cause) {
    throw new PenstockError(
      'outside',
      'TLS_FILES_INVALID',
      `${cert} and ${key} can't be used (${cause instanceof Error ? cause.message : String(cause)}): PENSTOCK_TLS_CERT and PENSTOCK_TLS_KEY name PEM files that this user may read, the key being the certificate's`,
      { cause },
    )
  }
}

/**
 * New connections get a renewed certificate without a restart. Files that can't be used, because they are being replaced
 * or are wrong, leave the old one in place.
 * @returns stops looking
 */
export function renewTls(
  server: Server,
  files: TlsFiles,
  log: Logger,
  intervalMs?: number,
): () => Promise<void> {
  return watchFiles({
    name: 'the TLS certificate',
    paths: [files.cert, files.key],
    log,
    ...(intervalMs !== undefined && { intervalMs }),
    take: async () => server.setSecureContext(await readTlsFiles(files)),
  })
}
