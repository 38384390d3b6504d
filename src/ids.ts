/** Branded ids: a number or string from outside becomes one only where it is parsed or created. */
declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Positive integer, server-generated; stands in export paths. */
export type ProjectId = Branded<number, 'ProjectId'>
/** 32 lower-case hex digits; not secret; the STS external ID of the project's pipelines. */
export type ProjectToken = Branded<string, 'ProjectToken'>
export type PipelineId = Branded<number, 'PipelineId'>
export type RunId = Branded<number, 'RunId'>
/** A blob of the event store; sorts by the time of its making. */
export type SegmentId = Branded<string, 'SegmentId'>
/** Position in the order in which commits became durable: a snapshot is everything up to one. */
export type CommitNumber = Branded<number, 'CommitNumber'>
/** Hours of local wall-clock time since 1970-01-01T00 local; a day's folder is 24 of them. */
export type LocalHour = Branded<number, 'LocalHour'>
