/** What runs in the bench's own threads. */
export { onePass } from '../baselines/one-pass.ts'
export { hashLines } from '../check/hash-lines.ts'
export { makeKeySegment } from '../generator/key-segments.ts'
export { makePart } from '../generator/make-part.ts'
