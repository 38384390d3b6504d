/**
 * What each folder of a pipeline must hold and when it was written, worked out from the documentation's words alone: the
 * calendar is Intl's, walked in steps of a quarter of an hour, and nothing is shared with the product.
 */
import { createFolderOf, type FolderRules } from '../local-folders.ts'

const quarterMs = 900_000
const graceMs = 1_800_000
const dayMs = 86_400_000
/** Late events of ten days are synced; the simulation sends none for folders near that edge. */
const syncedDays = 8
const unsyncedDays = 13

export interface SimulatedEvent {
  name: string
  timeMs: number
  distinctId: string
  insertId: string
  amount: number
  /** Each line that is sent has another, so that it shows which of two equal events was kept. */
  line: number
  /** The latest that the clock had ever shown when it was sent. */
  sentMs: number
  /** The simulation's step in which it was sent. */
  step: number
}

export interface NaivePipeline extends FolderRules {
  /** `YYYY-MM-DD`. */
  fromDate: string
  toDate?: string
  createdMs: number
  sync: boolean
  wants(event: SimulatedEvent): boolean
}

export interface NaiveFolder {
  /** Sorted, in the form of `lineOf`. */
  lines: string[]
  /** Steps in which it was exported and then synced: from the one after the events were sent. */
  steps: number[]
}

export function lineOf({
  name,
  timeMs,
  distinctId,
  insertId,
  line,
}: Omit<SimulatedEvent, 'sentMs' | 'step'>) {
  return [name, timeMs / 1000, distinctId, insertId, line].join('|')
}

/**
 * Folders that are due by the time of the last step, by name, each with what it must hold.
 * @param stepsMs what the clock has shown at most, by step
 */
export function naiveFolders(
  pipeline: NaivePipeline,
  events: readonly SimulatedEvent[],
  stepsMs: readonly number[],
): Map<string, NaiveFolder> {
  const folderOf = createFolderOf(pipeline)
  const byFolder = Map.groupBy(events, ({ timeMs }) => folderOf(timeMs))
  const folders = new Map<string, NaiveFolder>()
  for (const [name, dueMs] of dueFolders(pipeline, stepsMs.at(-1) ?? 0)) {
    const exportedMs = Math.max(dueMs, pipeline.createdMs)
    const step = stepsMs.findIndex((ms) => ms >= exportedMs)
    if (step >= 0) folders.set(name, naiveFolder(pipeline, byFolder.get(name) ?? [], exportedMs, step))
  }
  return folders
}

function naiveFolder(
  pipeline: NaivePipeline,
  sent: readonly SimulatedEvent[],
  exportedMs: number,
  exportedStep: number,
): NaiveFolder {
  const newest = new Map<string, SimulatedEvent>()
  const steps = new Set([exportedStep])
  let lines: string[] = []
  // What is sent together is synced together: of a line that another one of the same step replaces, nobody sees anything.
  for (const [step, together] of Map.groupBy(sent, (event) => event.step)) {
    const isLate = ({ sentMs }: SimulatedEvent) => sentMs >= exportedMs
    const before = lines
    for (const event of together) {
      if (isLate(event) && !(pipeline.sync && isSynced(event))) continue
      newest.set([event.name, event.timeMs, event.distinctId, event.insertId].join('|'), event)
    }
    lines = [...newest.values()].filter(pipeline.wants).map(lineOf).sort()
    if (together.some(isLate) && lines.join() !== before.join()) steps.add(step + 1)
  }
  return { lines, steps: [...steps] }
}

function isSynced({ sentMs, timeMs }: SimulatedEvent): boolean {
  const days = (sentMs - timeMs) / dayMs
  if (days > syncedDays && days < unsyncedDays) throw new Error(`an event was sent ${days} days late`)
  return days <= syncedDays
}

/** Half an hour after the last quarter of an hour in which the zone's clock shows the folder. */
function dueFolders(pipeline: NaivePipeline, untilMs: number): Map<string, number> {
  const { fromDate, toDate } = pipeline
  const folderOf = createFolderOf(pipeline)
  const [first, last] = [fromDate, toDate].map((date) => date?.replaceAll('-', '/'))
  const due = new Map<string, number>()
  for (let ms = Date.parse(fromDate) - dayMs; ms < untilMs + 2 * dayMs; ms += quarterMs) {
    const name = folderOf(ms)
    const isAsked = name.slice(0, 10) >= (first ?? '') && (last === undefined || name.slice(0, 10) <= last)
    if (isAsked) due.set(name, ms + quarterMs + graceMs)
  }
  return new Map([...due].filter(([, dueMs]) => dueMs <= untilMs))
}
