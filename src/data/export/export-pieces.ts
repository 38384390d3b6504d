/** Turns the steps of a plan into pieces, in order: copies are ranges of segments, the rest is rewritten and spooled. */

import type { RunInThread } from '../../threads/pool.ts'
import type { Proof } from '../plan/assume-duplicates.ts'
import { type ExportPlan, type ExportStep, opensMember } from '../plan/export-plan.ts'
import type { AskedLines } from '../plan/read-identities.ts'
import { askedOfUsers } from '../segmentation/where.ts'
import type { Spool } from '../spool.ts'
import { crc32Combine } from '../store/crc32-combine.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Member } from '../store/member.ts'
import { leaveOutUsers } from './match-users.ts'
import type { Piece } from './piece.ts'
import type { ReadProfiles } from './profile-values.ts'
import type {
  AskedRewrite,
  AskedRewriteInput,
  ReadMember,
  RewriteInput,
  RewrittenMember,
} from './rewrite-members.ts'
import { spoolPiece } from './spool-piece.ts'
import { joinSpans } from './time-span.ts'

export interface ExportDeps {
  store: Pick<EventStore, 'stream' | 'readMember'>
  run: RunInThread
  /** Asked only where a plan's `where` asks for profiles of users. */
  readProfiles: ReadProfiles
  spool: Spool
  /** Of lines that are left out because of their dedup keys: asked while members are open; undefined: it is known. */
  proof?: Proof
  /** Uncompressed bytes that are rewritten together, into one member. */
  partSizeBytes: number
  signal: AbortSignal
}

/** Rewrites under way at once; what they hold in memory is this many times the part size. */
const rewritesAhead = 3

/** Neighbouring steps that are done together: one range of a segment, or one rewritten member. */
type StepGroup = { kind: 'copy'; steps: CopyStep[] } | { kind: 'rewrite'; steps: RewriteStep[] }
type CopyStep = Extract<ExportStep, { kind: 'copy' }>
type RewriteStep = Extract<ExportStep, { kind: 'rewrite' }>

/** Lines of different events were left out for one another, or might have been: what was made of them must not stay. */
export class DuplicatesNotProven extends Error {
  override readonly name = 'DuplicatesNotProven'
}

/** @throws DuplicatesNotProven before it ends, where there is a proof and it fails */
export async function* exportPieces(deps: ExportDeps, plan: ExportPlan): AsyncGenerator<Piece> {
  const ahead: Promise<Piece | undefined>[] = []
  try {
    for (const group of groupSteps(plan.steps, deps.partSizeBytes)) {
      deps.signal.throwIfAborted()
      const piece = makePiece(deps, plan, group)
      // It may fail before its turn comes; then the failure waits here and is not an unhandled one.
      piece.catch(() => undefined)
      ahead.push(piece)
      if (ahead.length > rewritesAhead) yield* present(await ahead.shift())
    }
    while (ahead.length > 0) yield* present(await ahead.shift())
    if ((await deps.proof?.prove()) === false) throw new DuplicatesNotProven()
  } finally {
    // Whoever stops half-way must find nothing still writing to the spool.
    await Promise.allSettled(ahead)
  }
}

function* groupSteps(steps: ExportStep[], partSizeBytes: number): Generator<StepGroup> {
  let group: StepGroup | undefined
  for (const step of steps) {
    if (group !== undefined && !joins(group, step, partSizeBytes)) {
      yield group
      group = undefined
    }
    if (step.kind === 'copy') {
      if (group?.kind === 'copy') group.steps.push(step)
      else group = { kind: 'copy', steps: [step] }
    } else if (group?.kind === 'rewrite') group.steps.push(step)
    else group = { kind: 'rewrite', steps: [step] }
  }
  if (group !== undefined) yield group
}

function joins(group: StepGroup, step: ExportStep, partSizeBytes: number): boolean {
  if (group.kind === 'copy') {
    const last = group.steps.at(-1)?.member
    return (
      step.kind === 'copy' &&
      last?.segmentId === step.member.segmentId &&
      last.byteOffset + last.byteLength === step.member.byteOffset &&
      // Files are cut between pieces, so a piece stays about as small as a full member.
      step.member.byteOffset + step.member.byteLength - (group.steps[0]?.member.byteOffset ?? 0) <=
        partSizeBytes
    )
  }
  const rawBytes = group.steps.reduce((sum, { member }) => sum + member.rawBytes, 0)
  return step.kind === 'rewrite' && rawBytes + step.member.rawBytes <= partSizeBytes
}

async function makePiece(deps: ExportDeps, plan: ExportPlan, group: StepGroup): Promise<Piece | undefined> {
  return group.kind === 'copy' ? copyPiece(deps, group.steps) : await rewritePiece(deps, plan, group.steps)
}

function copyPiece(deps: ExportDeps, steps: CopyStep[]): Piece | undefined {
  const members = steps.map(({ member }) => member)
  const [first] = members
  if (first === undefined) return undefined
  const lengthBytes = members.reduce((sum, member) => sum + member.byteLength, 0)
  return {
    lengthBytes,
    crc32: members.reduce((sum, member) => crc32Combine(sum, member.crc32, member.byteLength), 0),
    eventCount: members.reduce((sum, member) => sum + member.eventCount, 0),
    steps,
    bounds: joinSpans(members),
    open: (buffer) => deps.store.stream(first.segmentId, first.byteOffset, lengthBytes, buffer),
  }
}

async function rewritePiece(
  deps: ExportDeps,
  plan: ExportPlan,
  steps: RewriteStep[],
): Promise<Piece | undefined> {
  const left = steps.filter(opensMember)
  if (left.length === 0) return undefined
  const members = await Promise.all(
    left.map(async ({ member, losing }) => ({
      member,
      gzip: await deps.store.readMember(member),
      rawBytes: member.rawBytes,
      ...(losing === undefined ? {} : { losing }),
    })),
  )
  const asked = left.map(({ member }) => deps.proof?.take(member) ?? [])
  const rewritten = await rewrite(deps, await selectLines(deps, plan, members), asked)
  if (rewritten === undefined) return undefined
  const bounds = joinSpans(left.map(({ member }) => member))
  return await spoolPiece(deps, rewritten, { steps, bounds, isMeasured: false })
}

async function rewrite(
  { run, proof }: ExportDeps,
  input: RewriteInput,
  asked: AskedLines[][],
): Promise<RewrittenMember | undefined> {
  const moved = input.members.map(({ gzip }) => gzip.buffer)
  if (proof === undefined) return await run('rewriteMembers', input, moved)
  const asking: AskedRewriteInput = { ...input, asked }
  const { rewritten, identities } = await run<AskedRewriteInput, AskedRewrite>(
    'rewriteAndAnswer',
    asking,
    moved,
  )
  for (const rows of identities) await proof.answer(rows)
  return rewritten
}

/** What is left for the thread to decide: all, but for an expression that asks for what no line has. */
async function selectLines(
  deps: ExportDeps,
  { steps: _, ...form }: ExportPlan,
  members: (ReadMember & { member: Member })[],
): Promise<RewriteInput> {
  const asked = askedOfUsers(form.where)
  if (asked.length === 0) return { ...form, members: members.map(({ member: _index, ...read }) => read) }
  const { where: _where, ...rest } = form
  return { ...rest, members: await leaveOutUsers(deps, form, members, asked) }
}

function* present(piece: Piece | undefined): Generator<Piece> {
  if (piece !== undefined) yield piece
}
