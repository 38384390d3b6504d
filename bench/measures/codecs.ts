/**
 * What compresses the lines of members against what npm has for that: CPU for the same lines, level 1. Ours is what Penstock
 * calls; what it makes must inflate to the same lines, and so must what the others make.
 */
import { gunzipSync, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { openMember } from '../../src/data/store/open-member.ts'
import { compressLines } from '../../src/data/store/seal-member.ts'
import { WrongResult } from '../check/wrong-result.ts'
import { beside } from '../harness/aim.ts'
import { alternate, share } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result, Sample } from '../harness/measure.ts'
import { loadBenchPackage } from '../tools/bench-packages.ts'
import { importDay } from './days.ts'

export const codecs: Measure[] = [{ name: 'codecs', run: measure }]

type Code = (bytes: Uint8Array) => Uint8Array
type GzipAt = (bytes: Uint8Array, level: number) => Uint8Array
type GzipWith = (bytes: Uint8Array, options: { level: number }) => Uint8Array

interface Codec {
  compress: Code
  /** Of what it compressed. */
  inflate: Code
  inflatesItself: boolean
}

/** Of members that ingest makes of a busy hour. */
const linesPerMember = 2000
const membersMax = 20

async function measure(bench: Bench): Promise<Result[]> {
  const missing = await bench.packagesMissing()
  if (missing !== undefined) throw new Error(missing)
  const members = await takeMembers(bench)
  const ours: Codec = { compress: compressLines, inflate: openMember, inflatesItself: true }
  const results: Result[] = []
  for (const [name, codec] of Object.entries(await loadCodecs())) {
    const compare = (kind: string, run: (codec: Codec) => Sample, notes: string[]) =>
      alternate({
        ...{ name: `${kind}-${name}`, unit: 'MB/s of CPU', aim: beside('duplicates-spread') },
        ...{ pairs: bench.sizes.pairs, ratio: share, notes },
        ours: async () => run(ours),
        baseline: async () => run(codec),
      })
    const size = (sizeOf(members, codec) / sizeOf(members, ours)).toFixed(2)
    const notes = [`it makes ${size} as many bytes as ours`]
    results.push(await compare('compress', (each) => timed(members, members, each.compress), notes))
    if (!codec.inflatesItself) continue
    const inflating = (each: Codec) => timed(members, members.map(each.compress), each.inflate)
    results.push(await compare('inflate', inflating, []))
  }
  return results
}

async function takeMembers(bench: Bench): Promise<Uint8Array[]> {
  const members: Uint8Array[] = []
  for await (const { gzip } of (await bench.day(importDay(bench.sizes))).bodies()) {
    const lines = gunzipSync(gzip).toString().trimEnd().split('\n').slice(0, linesPerMember)
    members.push(Buffer.from(`${lines.sort().join('\n')}\n`))
    if (members.length === membersMax) break
  }
  return members
}

async function loadCodecs(): Promise<Record<string, Codec>> {
  const fflate = await loadBenchPackage<{ gzipSync: GzipWith; gunzipSync: Code }>('fflate')
  const pako = await loadBenchPackage<{ gzip: GzipWith; ungzip: Code }>('pako')
  const libdeflate = await loadBenchPackage<{ gzip: GzipAt }>('libdeflate')
  const level = 1
  const params = { [zlib.ZSTD_c_compressionLevel]: level }
  return {
    fflate: {
      compress: (bytes) => fflate.gzipSync(bytes, { level }),
      inflate: fflate.gunzipSync,
      inflatesItself: true,
    },
    pako: {
      compress: (bytes) => pako.gzip(bytes, { level }),
      inflate: pako.ungzip,
      inflatesItself: true,
    },
    libdeflate: {
      compress: (bytes) => libdeflate.gzip(bytes, level),
      inflate: openMember,
      inflatesItself: false,
    },
    zstd: {
      compress: (bytes) => zstdCompressSync(bytes, { params }),
      inflate: zstdDecompressSync,
      inflatesItself: true,
    },
  }
}

export function sizeOf(members: readonly Uint8Array[], { compress, inflate }: Codec): number {
  return members.reduce((sum, lines) => {
    const compressed = compress(lines)
    if (Buffer.compare(inflate(compressed), lines) !== 0) {
      throw new WrongResult('what was compressed does not inflate to the same lines')
    }
    return sum + compressed.length
  }, 0)
}

/** @param members as lines: what speed is counted in */
function timed(members: readonly Uint8Array[], inputs: readonly Uint8Array[], code: Code): Sample {
  const before = process.cpuUsage()
  for (const input of inputs) code(input)
  const { user, system } = process.cpuUsage(before)
  const megabytes = members.reduce((sum, { length }) => sum + length, 0) / 1e6
  return { value: megabytes / ((user + system) / 1e6) }
}
