/**
 * Which commit each line of a merged member came with: per line the index of the segment that brought it, in the footer's
 * list of sources. A segment can't know commit numbers (they are given out when it is durable), so it names segments.
 *
 * Runs of lines of one source, as varints: how far the index is from the run before (zigzag) × 2, plus 1 when more than
 * one line follows; then the number of lines less 2. Lines of one name stand in order of arrival, so a line costs about
 * a byte.
 */

export function encodeLineSources(sources: Uint32Array): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  let before = 0
  for (let line = 0; line < sources.length; ) {
    const source = sources[line] ?? 0
    let end = line + 1
    while (end < sources.length && sources[end] === source) end++
    const distance = zigzag(source - before) * 2
    if (end === line + 1) writeVarint(bytes, distance)
    else {
      writeVarint(bytes, distance + 1)
      writeVarint(bytes, end - line - 2)
    }
    before = source
    line = end
  }
  return Uint8Array.from(bytes)
}

/** The source of each of `lineCount` lines. */
export function decodeLineSources(bytes: Uint8Array, lineCount: number): Uint32Array<ArrayBuffer> {
  const sources = new Uint32Array(lineCount)
  const reader = { bytes, at: 0 }
  let source = 0
  for (let line = 0; line < lineCount; ) {
    const head = readVarint(reader)
    source += unzigzag(Math.floor(head / 2))
    const end = line + (head % 2 === 1 ? readVarint(reader) + 2 : 1)
    sources.fill(source, line, end)
    line = end
  }
  return sources
}

/** Seven bits a byte, the low ones first. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

/** Of bytes that are cut short, what is missing counts as 0: their checksum has told before. */
function readVarint(reader: { bytes: Uint8Array; at: number }): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.bytes[reader.at++] ?? 0
    value += (byte % 128) * scale
    if (byte < 128) return value
  }
}

/** Small numbers of either sign as small positive ones. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
