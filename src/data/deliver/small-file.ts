import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import type { ExportFile } from '../export/export-file.ts'

/** Bytes at hand as a file to put. */
export function smallFile(name: string, content: Buffer): ExportFile {
  return {
    name,
    lengthBytes: content.length,
    crc32: crc32(content),
    eventCount: 0,
    open: () => Readable.from([content]),
  }
}
