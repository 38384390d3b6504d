/** Sets of a member's lines: line `i` is bit `i & 7` of byte `i >> 3`. Undefined is the empty set. */
export type LineBits = Uint8Array<ArrayBuffer>

export function countLines(bits: LineBits = new Uint8Array()): number {
  let count = 0
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count += 1
  return count
}

/** The lines of either set. */
export function joinLines(left: LineBits, right: LineBits = new Uint8Array()): LineBits {
  const joined = new Uint8Array(Math.max(left.length, right.length))
  for (let at = 0; at < joined.length; at++) joined[at] = (left[at] ?? 0) | (right[at] ?? 0)
  return joined
}

/** All of a member's lines but these. */
export function invertLines(bits: LineBits, lineCount: number): LineBits {
  return new Uint8Array(Math.ceil(lineCount / 8)).map((_, at) => 255 - (bits[at] ?? 0))
}
