import { stat } from 'node:fs/promises'
import type { Logger } from 'pino'

export interface FileWatch {
  /** What the log calls the files. */
  name: string
  paths: string[]
  log: Pick<Logger, 'info' | 'warn'>
  intervalMs?: number
  /** Takes the files as they are now; what it throws is logged, and it is called again at the next look. */
  take(): Promise<void>
}

const defaultIntervalMs = 60_000

/**
 * Looks at files once a minute and takes them anew when they have changed. By looking, not by events of the file system:
 * these get lost on network volumes and where a file is replaced by renaming.
 * @returns stops looking
 */
export function watchFiles({
  name,
  paths,
  log,
  intervalMs = defaultIntervalMs,
  take,
}: FileWatch): () => Promise<void> {
  let known: string | undefined
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    const version = await versionOf(paths)
    if (version === known) return
    // At the first look too: what was replaced after the caller read it would stay unseen.
    await take()
    if (known !== undefined) log.info(`${name} was renewed`)
    known = version
  }
  const begin = (): void => {
    looking ??= look()
      .catch((error) => log.warn({ err: error }, `${name} was not renewed`))
      .finally(() => {
        looking = undefined
      })
  }
  const timer = setInterval(begin, intervalMs).unref()
  begin()
  return async () => {
    clearInterval(timer)
    await looking
  }
}

async function versionOf(paths: string[]): Promise<string> {
  const stats = await Promise.all(paths.map((path) => stat(path)))
  return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`).join(' ')
}
