import { open } from 'node:fs/promises'
import { dedupRecordBytes } from '../../src/data/store/segment-format.ts'
import { type KeySegments, keyFiles, keyMembers } from '../generator/key-segments.ts'
import type { Bench } from '../harness/bench.ts'

/** A bench whose folder of keys lacks one of its repeats: the key of the folder's last line, which is one, is another. */
export function benchOfSpoiltKeys(bench: Bench): Bench {
  const makeKeySegment: Bench['threads']['makeKeySegment'] = async (input) => {
    await bench.threads.makeKeySegment(input)
    if (input.segment === keyFiles(input).length - 1) await changeLastKey(input)
  }
  return { ...bench, threads: { ...bench.threads, makeKeySegment } }
}

const lineAt = 16
/** In the key's second word: records stay in the order of their keys. */
const changedAt = 7

async function changeLastKey(segments: KeySegments): Promise<void> {
  const { keysOffset, eventCount } = keyMembers(segments).at(-1) ?? { keysOffset: 0, eventCount: 0 }
  const file = await open(keyFiles(segments).at(-1) ?? '', 'r+')
  try {
    const records = Buffer.alloc(eventCount * dedupRecordBytes)
    await file.read(records, 0, records.length, keysOffset)
    for (let at = 0; at < records.length; at += dedupRecordBytes) {
      if (records.readUInt32LE(at + lineAt) !== eventCount - 1) continue
      records.writeUInt8(records.readUInt8(at + changedAt) ^ 1, at + changedAt)
    }
    await file.write(records, 0, records.length, keysOffset)
  } finally {
    await file.close()
  }
}
