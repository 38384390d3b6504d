import { crc32, gzipSync } from 'node:zlib'
import type { ExportFile } from '../../src/data/export/export-file.ts'
import { FileBytes } from '../../src/data/export/file-bytes.ts'

/** A file as an export yields it, of one line unless told otherwise. */
export function exportFile(name: string, lines: string[] = [`{"event":"${name}"}`]): ExportFile {
  return exportFileOf(name, gzipSync(lines.map((line) => `${line}\n`).join('')), lines.length)
}

/** A file of any bytes, given as an export gives them. */
export function exportFileOf(name: string, bytes: Buffer, eventCount = 1): ExportFile {
  return {
    name,
    lengthBytes: bytes.length,
    crc32: crc32(bytes),
    eventCount,
    open: () => new FileBytes(chunks(bytes)),
  }
}

export async function* inOrder(files: ExportFile[]): AsyncGenerator<ExportFile> {
  yield* files
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(65_536)
  for (let at = 0; at < bytes.length; at += buffer.length) yield buffer.subarray(0, bytes.copy(buffer, 0, at))
}
