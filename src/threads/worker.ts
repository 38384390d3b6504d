/** What runs in the threads of pool.ts: one exported function a task. */
export { rewriteMembers } from '../data/export/rewrite-members.ts'
export { findEqualKeys } from '../data/plan/equal-keys.ts'
export { readIdentities } from '../data/plan/read-identities.ts'
export { sealSegment } from '../data/store/seal-segment.ts'
