/**
 * The events of a range of days as one stream of gzip members, as of one snapshot: day by day what the pipelines' folders
 * of those days would hold. Nothing is kept for whoever reads slowly: the next bytes are read when they are asked for.
 */
import { exportPieces } from '../data/export/export-pieces.ts'
import { readPiece } from '../data/export/piece.ts'
import type { ReadProfiles } from '../data/export/profile-values.ts'
import type { ExportPlan } from '../data/plan/export-plan.ts'
import { openSpool } from '../data/spool.ts'
import type { EventStore } from '../data/store/event-store.ts'
import type { HourWindow } from '../data/store/member-index.ts'
import type { StoreHold } from '../data/store/store-hold.ts'
import type { CommitNumber, LocalHour, ProjectId } from '../ids.ts'
import type { Turns } from '../take-turns.ts'
import type { RunInThread } from '../threads/pool.ts'
import { planFolder } from './export-folder.ts'

export interface ExportRangeDeps {
  store: EventStore
  run: RunInThread
  readProfiles: ReadProfiles
  spoolFolder: string
  partSizeBytes: number
  dedupKeysInMemoryMax: number
  /** Finding a day's duplicates is what takes memory, so only so many do it at once. */
  planning: Turns<ProjectId>
}

export interface ExportRange {
  /** Whole days. */
  window: HourWindow
  /** Event names that are wanted; null: all. */
  eventNames: string[] | null
  /** The segmentation expression that they must meet; null: none. */
  where: string | null
  timeInMs?: true
}

/** So much of a file is read at once. */
const chunkBytes = 256 * 1024

/** Chunks that are good until the next one is asked for. Whatever ends the reading, nothing of it is left. */
export async function* exportRange(
  deps: ExportRangeDeps,
  range: ExportRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const snapshot = await deps.store.snapshot()
  const { projectId, toHour } = range.window
  const buffer = new Uint8Array(chunkBytes)
  for (let { fromHour } = range.window; fromHour < toHour; ) {
    signal.throwIfAborted()
    const next = await deps.store.nextHour({ projectId, fromHour, toHour })
    if (next === undefined) return
    const day = (next - (next % 24)) as LocalHour
    yield* exportDay(deps, range, { day, snapshot, signal, buffer })
    fromHour = (day + 24) as LocalHour
  }
}

interface DayExport {
  /** Its first hour. */
  day: LocalHour
  snapshot: CommitNumber
  signal: AbortSignal
  buffer: Uint8Array
}

async function* exportDay(
  deps: ExportRangeDeps,
  range: ExportRange,
  { day, snapshot, signal, buffer }: DayExport,
): AsyncGenerator<Uint8Array> {
  const { plan, hold } = await planDay(deps, range, { day, snapshot, signal })
  try {
    const spool = await openSpool(deps.spoolFolder)
    try {
      const pieces = exportPieces({ ...deps, spool, signal }, plan)
      for await (const piece of pieces) yield* readPiece(piece, piece.open(buffer))
    } finally {
      await spool.close()
    }
  } finally {
    await hold.release()
  }
}

async function planDay(
  deps: ExportRangeDeps,
  { window: { projectId }, ...wanted }: ExportRange,
  { day, snapshot, signal }: Omit<DayExport, 'buffer'>,
): Promise<{ plan: ExportPlan; hold: StoreHold }> {
  const endTurn = await deps.planning.take(projectId, signal)
  try {
    const hold = await deps.store.openHold()
    const work = { ...wanted, projectId, window: { localHour: day, hours: 24 as const }, snapshot }
    const plan = await planFolder(deps, work, signal).catch(async (cause) => {
      await hold.release()
      throw cause
    })
    return { plan, hold }
  } finally {
    endTurn()
  }
}
