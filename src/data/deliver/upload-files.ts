import type { ExportFile } from '../export/export-file.ts'

export interface UploadFilesOptions {
  files: AsyncIterable<ExportFile>
  /** Uploads at once. No file is pulled from `files` while all of them are busy. */
  uploadsMax: number
  signal: AbortSignal
  upload(file: ExportFile, signal: AbortSignal): Promise<void>
}

/**
 * Uploads files as they are yielded. The first failure aborts the other uploads, waits until they have settled and
 * closes the iterator before it is raised, so that nothing of this call writes after it has ended.
 */
export async function uploadFiles(options: UploadFilesOptions): Promise<void> {
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const running = new Set<Promise<void>>()
  try {
    for await (const file of options.files) {
      signal.throwIfAborted()
      const upload: Promise<void> = options
        .upload(file, signal)
        .catch((error: unknown) => failed.abort(error))
        .finally(() => running.delete(upload))
      running.add(upload)
      if (running.size >= options.uploadsMax) await Promise.race(running)
      signal.throwIfAborted()
    }
  } catch (error) {
    // The first reason stays: where an upload failed, `error` is that failure already.
    failed.abort(error)
  }
  await Promise.all(running)
  signal.throwIfAborted()
}
