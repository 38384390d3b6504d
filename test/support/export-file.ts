import { Readable } from 'node:stream'
import { crc32, gzipSync } from 'node:zlib'
import type { ExportFile } from '../../src/data/export/export-file.ts'

/** A file as an export yields it, of one line unless told otherwise. */
export function exportFile(name: string, lines: string[] = [`{"event":"${name}"}`]): ExportFile {
  return exportFileOf(name, gzipSync(lines.map((line) => `${line}\n`).join('')), lines.length)
}

/** A file of any bytes, in pieces of 64 KiB as a file stream gives them. */
export function exportFileOf(name: string, bytes: Buffer, eventCount = 1): ExportFile {
  return {
    name,
    lengthBytes: bytes.length,
    crc32: crc32(bytes),
    eventCount,
    open: () => Readable.from(pieces(bytes)),
  }
}

export async function* inOrder(files: ExportFile[]): AsyncGenerator<ExportFile> {
  yield* files
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
