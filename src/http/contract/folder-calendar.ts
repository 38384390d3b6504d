/** `folders`: the folders of a pipeline in a range of days, one by one or summed up. */
import { z } from 'zod'
import type { CellSize } from '../../control/folders/summarize-folders.ts'
import { encryptions, frequencies } from '../../control/pipelines/pipeline.ts'
import { pipelineName, projectId } from './named-pipeline.ts'
import { choiceParameter, dateParameter, parametersOf } from './parameter.ts'

/** Cells that one answer holds at most. */
export const cellsMax = 1100

export const cellSizes = ['folder', 'day', 'month'] as const satisfies CellSize[]

/** From what wants attention most to what wants none: a cell of several folders has the first that one of them has. */
export const folderStates = ['failed', 'running', 'late_pending', 'pending', 'delivered', 'not_due'] as const

export const foldersQuery = parametersOf({
  name: pipelineName,
  project_id: projectId,
  from_date: dateParameter('from_date').optional(),
  to_date: dateParameter('to_date').optional(),
  by: choiceParameter('by', cellSizes).optional(),
}).check((context) => {
  const { from_date: from, to_date: to } = context.value
  if (from === undefined || to === undefined || from <= to) return
  const message = `to_date ${to} must not be before from_date ${from}`
  context.issues.push({ code: 'custom', input: to, path: ['to_date'], message })
})

export type FoldersQuery = z.output<typeof foldersQuery>

const counts = z.partialRecord(z.enum(folderStates), z.number().int())
const failure = z.strictObject({ code: z.string(), message: z.string() })

/** A folder, or all those of a day or a month. */
const cell = z.strictObject({
  /** `2024-02-20`; of a month `2024-02`. */
  date: z.string(),
  /** `00` to `23`: of an hourly pipeline's folder. */
  hour: z.string().optional(),
  state: z.enum(folderStates),
  /** How many folders are in each state: of a day or a month. */
  folders: counts.optional(),
  /** Delivered, as are the next three. */
  events: z.number().int(),
  /** Compressed, as they are in the bucket. */
  bytes: z.number().int(),
  files: z.number().int(),
  /** Lines left out because a newer line of the same event is delivered. */
  duplicates: z.number().int(),
  /** Of several folders the last one. */
  exported_at: z.iso.datetime({ offset: true }).optional(),
  /** When late events were added last. */
  synced_at: z.iso.datetime({ offset: true }).optional(),
  /** When it comes due: of a folder that has not. */
  due_at: z.iso.datetime({ offset: true }).optional(),
  /** Of a folder whose run failed. */
  error: failure.optional(),
})

const totals = z.strictObject({
  folders: counts,
  /** Every event of the project in these days, duplicates among them; null where counting them would take too long. */
  events_in_store: z.number().int().nullable(),
  events_delivered: z.number().int(),
  bytes_delivered: z.number().int(),
  files: z.number().int(),
  duplicates: z.number().int(),
  /** Of events_in_store, those of folders that are not due yet. */
  events_not_due: z.number().int().nullable(),
  /**
   * events_in_store − events_not_due − events_delivered − duplicates: 0 says that everything is there. Null where the
   * pipeline selects events, or where events_in_store is.
   */
  events_outstanding: z.number().int().nullable(),
})

export const foldersAnswer = z.strictObject({
  name: z.string(),
  project_id: z.number().int(),
  timezone: z.string(),
  state: z.enum(['active', 'paused']),
  frequency: z.enum(frequencies),
  /** The first day that the pipeline exports, and the last; null: it goes on for ever. */
  pipeline_from_date: z.iso.date(),
  pipeline_to_date: z.iso.date().nullable(),
  /** Whether it exports every event, so that totals can be compared. */
  selects_all: z.boolean(),
  sync_enabled: z.boolean(),
  destination: z.strictObject({
    s3_bucket: z.string(),
    s3_region: z.string(),
    s3_prefix: z.string().nullable(),
    s3_role: z.string(),
    s3_encryption: z.enum(encryptions),
    s3_kms_key_id: z.string().nullable(),
  }),
  /** The range that is answered. */
  from_date: z.iso.date(),
  to_date: z.iso.date(),
  by: z.enum(cellSizes),
  /** In order, without gaps but for hours that the zone's clock skips; days before and after the pipeline's own are left out. */
  cells: z.array(cell),
  totals,
})

export type FoldersAnswer = z.output<typeof foldersAnswer>
export type FolderCell = z.output<typeof cell>
export type FolderState = (typeof folderStates)[number]
