/** What all ingest routes share: room, a body, a thread, and the project's bytes. */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { type BatchColumns, buffersOf } from '../../data/ingest/batch-builder.ts'
import { requestBytesMax } from '../../data/ingest/limits.ts'
import type { RequestRefusal } from '../../data/ingest/request-refusal.ts'
import type { TrackSource } from '../../data/ingest/track-data.ts'
import { PenstockError } from '../../errors/penstock-error.ts'
import type { ProjectId } from '../../ids.ts'
import type { RequestPlaces } from '../../places/find-place.ts'
import { type ByteGate, bytesToWork, type Passage } from './byte-gate.ts'
import { claimBytesMax, claimedToken, claimedTokenOfData } from './claimed-token.ts'
import type { IngestDeps, IngestProject } from './ingest-deps.ts'
import type { QuotaGuard } from './quota.ts'
import type { RateLimit } from './rate-limit.ts'
import { readBody } from './read-body.ts'
import type { RoomOwner } from './room-owner.ts'

/** Dependencies and the limits that all routes of one server share. */
export interface Ingest extends IngestDeps {
  gate: ByteGate
  rate: RateLimit
  quota: QuotaGuard
}

const bodyTimeMsMax = 60_000

/**
 * Reads the request's body and works on it while its bytes have room.
 * @param owner the project that the request's credentials are of; without it, the body's first token tells whose room it takes
 */
export function withBody<Result>(
  ingest: Ingest,
  request: IncomingMessage,
  owner: ProjectId | undefined,
  work: (body: Uint8Array<ArrayBuffer>) => Promise<Result>,
): Promise<Result> {
  const contentEncoding = request.headers['content-encoding']
  const takeIn = async (passage: Passage): Promise<Result> => {
    let naming: Promise<void> | undefined
    const nameOwner = (begin: Uint8Array): void => {
      naming = ownerOf(ingest, claimedToken(begin, contentEncoding)).then((found) => {
        if (found !== undefined) passage.belongTo(found)
      })
      // It is waited for below, unless the body fails before.
      naming.catch(() => {})
    }
    const body = await readBody(request, {
      bytesMax: requestBytesMax,
      timeMsMax: ingest.bodyTimeMsMax ?? bodyTimeMsMax,
      passage,
      ...(owner === undefined && { begin: { bytes: claimBytesMax, tell: nameOwner } }),
    })
    await naming
    await passage.work(bytesToWork(body.length, contentEncoding))
    return await work(body)
  }
  const bytes = Math.min(Number(request.headers['content-length'] ?? requestBytesMax), requestBytesMax)
  // Reading the body later resumes the connection.
  return ingest.gate.pass(owner, takeIn, { bytes, pause: () => request.socket.pause() })
}

async function ownerOf({ projects }: Ingest, token: string | undefined): Promise<RoomOwner> {
  return token === undefined ? undefined : (await projects.byToken(token))?.id
}

/**
 * Works on the query's `data`, or on the request's body where there is none, while its bytes have room.
 * @param owner as of `withBody`
 */
export async function withSource<Result>(
  ingest: Ingest,
  request: FastifyRequest,
  { data, owner }: { data: string | undefined; owner?: ProjectId },
  work: (source: TrackSource, transfer: ArrayBuffer[]) => Promise<Result>,
): Promise<Result> {
  if (data !== undefined || request.method === 'GET') {
    const source = { data: data ?? '' }
    const whose = owner ?? (await ownerOf(ingest, claimedTokenOfData(source.data)))
    return await ingest.gate.pass(whose, async (passage) => {
      await passage.work(source.data.length)
      return await work(source, [])
    })
  }
  return await withBody(ingest, request.raw, owner, (body) => {
    const { 'content-encoding': contentEncoding, 'content-type': contentType } = request.headers
    return work({ body, contentEncoding, contentType }, [body.buffer])
  })
}

/** Events of one project in a request. */
export interface ProjectEvents {
  project: IngestProject
  columns: BatchColumns
  /** Of the request, uncompressed, for the project's rate. */
  bytes: number
}

/**
 * Resolves when the events are durable. All projects are asked before anything is stored: a refused request stores
 * nothing. Gives the buffers of `columns` away.
 * @throws RetryLater when a project has sent more than it may
 */
export async function appendEvents(ingest: Ingest, events: readonly ProjectEvents[]): Promise<void> {
  for (const { project } of events) ingest.rate.check(project.id)
  const letIn: ((isStored: boolean) => void)[] = []
  let isStored = false
  try {
    for (const { project, columns } of events) {
      const amount = { events: columns.count, bytes: columns.lines.length }
      letIn.push(await ingest.quota.letIn(project, amount))
    }
    for (const { project, bytes } of events) await ingest.rate.take(project.id, bytes)
    await Promise.all(events.map((ofProject) => appendBatch(ingest, ofProject)))
    isStored = true
  } finally {
    for (const end of letIn) end(isStored)
  }
}

async function appendBatch(ingest: Ingest, { project, columns }: ProjectEvents): Promise<void> {
  if (columns.count === 0) return
  const { id: projectId, timeZone, cutsStrings } = project
  const kept = cutsStrings
    ? await ingest.run<BatchColumns, BatchColumns>('cutStrings', columns, buffersOf(columns))
    : columns
  await ingest.append({ projectId, timeZone, ...kept })
}

/** @param usesPeer whether records without an address of their own are where the client is */
export function placesFor(
  ingest: Ingest,
  request: FastifyRequest,
  usesPeer: boolean,
): RequestPlaces | undefined {
  const database = ingest.places?.()
  return database && { database, peerAddress: request.ip, usesPeer }
}

/** The task's result; a refusal is thrown. */
export function accepted<Prepared extends object>(
  prepared: Prepared | { refused: RequestRefusal },
): Prepared {
  if ('refused' in prepared) {
    const { code, error } = prepared.refused as RequestRefusal
    throw new PenstockError('caller', code, error)
  }
  return prepared
}
