/** What runs in the threads of pool.ts: one exported function a task, and which buffers of its result move back. */
import { rewriteMembers as rewrite } from '../data/export/rewrite-members.ts'
import { findEqualKeys as findEqual } from '../data/plan/equal-keys.ts'
import { sealSegment as seal } from '../data/store/seal-segment.ts'
import { moving } from './moving.ts'

export { readIdentities } from '../data/plan/read-identities.ts'
export const findEqualKeys = moving(findEqual, ({ groups }) => [groups.buffer])
export const rewriteMembers = moving(rewrite, ({ gzip }) => [gzip.buffer])
export const sealSegment = moving(seal, ({ bytes }) => [bytes.buffer])
