/** What runs in the threads of pool.ts: one exported function a task, and which buffers of its result move back. */
import { dropLines as drop } from '../data/export/drop-lines.ts'
import { rewriteAndAnswer as answer, rewriteMembers as rewrite } from '../data/export/rewrite-members.ts'
import { buffersOf } from '../data/ingest/batch-builder.ts'
import { cutStrings as cut } from '../data/ingest/cut-strings.ts'
import { prepareFormImport as formImportRequest } from '../data/ingest/prepare-form-import.ts'
import { prepareImport as importRequest } from '../data/ingest/prepare-import.ts'
import { prepareTrack as trackRequest } from '../data/ingest/prepare-track.ts'
import { compareIdentities as compare } from '../data/plan/compare-identities.ts'
import { matchEntries as match } from '../data/plan/match-entries.ts'
import { matchKeys as matchLate } from '../data/plan/match-keys.ts'
import { partitionKeys as partition } from '../data/plan/partition-keys.ts'
import { readCandidateKeys as candidateKeys } from '../data/plan/read-candidate-keys.ts'
import { readIdentities as identities } from '../data/plan/read-identities.ts'
import { readLineEvents as lineEvents } from '../data/plan/read-line-events.ts'
import { mergeMembers as merge } from '../data/store/merge/merge-members.ts'
import { keepLines as keep } from '../data/store/picked-lines.ts'
import { readFileRanges as fileRanges } from '../data/store/read-file-ranges.ts'
import { sealSegment as seal } from '../data/store/seal-segment.ts'
import { atLowPriority } from './low-priority.ts'
import { moving } from './moving.ts'

export { matchUserLines, readUserIds } from '../data/export/match-user-lines.ts'
export { sampleMember } from '../data/export/sample-member.ts'
export { searchMember } from '../data/export/search-member.ts'
export { spanOfMember } from '../data/export/time-span.ts'
export { prepareProfiles } from '../data/ingest/prepare-profiles.ts'

export const prepareImport = moving(importRequest, (prepared) =>
  'refused' in prepared ? [] : buffersOf(prepared.columns),
)
export const prepareFormImport = moving(formImportRequest, (prepared) =>
  'refused' in prepared ? [] : buffersOf(prepared.columns),
)
export const prepareTrack = moving(trackRequest, (prepared) =>
  'refused' in prepared ? [] : prepared.groups.flatMap(({ columns }) => buffersOf(columns)),
)
export const cutStrings = moving(cut, buffersOf)
export const sealSegment = moving(seal, ({ bytes }) => [bytes.buffer])
export const partitionKeys = moving(partition, ({ starts, records, entries }) => [
  starts.buffer,
  records.buffer,
  entries.buffer,
])
export const matchEntries = moving(match, ({ candidates }) => [candidates.bytes.buffer])
export const matchKeys = moving(matchLate, ({ groups }) => [groups.buffer])
export const readLineEvents = moving(lineEvents, ({ timesMs, nameIndexes }) => [
  timesMs.buffer,
  nameIndexes.buffer,
])
export const readCandidateKeys = moving(candidateKeys, ({ bytes }) => [bytes.buffer])
export const readIdentities = moving(identities, ({ bytes }) => [bytes.buffer])
export const compareIdentities = moving(compare, ({ losers }) => [losers.buffer])
export const mergeMembers = moving(atLowPriority(merge), ({ bytes }) => [bytes.buffer])
export const readFileRanges = moving(fileRanges, ({ bytes }) => [bytes.buffer])
export const keepLines = moving(keep, (gzip) => [gzip.buffer])
export const dropLines = moving(drop, ({ rest }) => (rest === undefined ? [] : [rest.gzip.buffer]))
export const rewriteAndAnswer = moving(answer, ({ rewritten, identities }) => [
  ...(rewritten === undefined ? [] : [rewritten.gzip.buffer]),
  ...identities.map(({ bytes }) => bytes.buffer),
])
export const rewriteMembers = moving(rewrite, (rewritten) =>
  rewritten === undefined ? [] : [rewritten.gzip.buffer],
)
