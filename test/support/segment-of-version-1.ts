import { crc32 } from 'node:zlib'
import { parseFooter, parseTrailer, trailerBytes } from '../../src/data/store/segment-format.ts'

/** The same segment as the first version of the format had it: the footer's JSON plain, each member of one hour. */
export function asVersion1(segment: Uint8Array): Uint8Array {
  const trailer = parseTrailer(segment.slice(-trailerBytes))
  if (trailer === undefined) throw new Error('the segment has no trailer')
  const footerOffset = segment.length - trailerBytes - trailer.footerLength
  const { members } = parseFooter('', segment.slice(footerOffset, -trailerBytes), trailer.footerCrc32)
  const json = Buffer.from(
    JSON.stringify({
      version: 1,
      members: members.map(({ lastHour, hourCounts, generation, rank, sources, ...member }) => {
        if (hourCounts !== null || sources !== null) throw new Error('version 1 has no such members')
        return member
      }),
    }),
  )
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32LE(json.length, 0)
  lengths.writeUInt32LE(crc32(json), 4)
  return Buffer.concat([segment.subarray(0, footerOffset), json, lengths, segment.subarray(-8)])
}
