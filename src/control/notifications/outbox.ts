/** Notifications on their way to the webhook: there until it has taken them, in the hands of one process at a time. */
import { randomUUID } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from '../db/tables.ts'

type NotificationType =
  | 'pipeline.late'
  | 'pipeline.caught_up'
  | 'pipeline.held'
  | 'pipeline.resumed'
  | 'penstock.test'

export interface Notification {
  type: NotificationType
  data: Record<string, unknown>
}

export interface DueNotification {
  id: string
  /** The JSON that is signed and sent: the same bytes at every try. */
  body: string
  /** This one included. */
  attempts: number
  createdAtMs: number
}

export function notificationBody({ type, data }: Notification, nowMs: number): string {
  return JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data })
}

/** In the transaction of what they tell of: they are there if and only if it is. */
export async function addNotifications(
  tx: Transaction<Database>,
  notifications: Notification[],
  nowMs: number,
): Promise<void> {
  if (notifications.length === 0) return
  const now = new Date(nowMs)
  await tx
    .insertInto('notification')
    .values(
      notifications.map((notification) => ({
        id: randomUUID(),
        body: notificationBody(notification, nowMs),
        created_at: now,
        not_before: now,
      })),
    )
    .execute()
}

/** The notification that is longest due, if one is, for one try. Whoever dies at it leaves it to others after `leaseMs`. */
export async function claimNotification(
  db: Kysely<Database>,
  { nowMs, leaseMs }: { nowMs: number; leaseMs: number },
): Promise<DueNotification | undefined> {
  const { rows } = await sql<{ id: string; body: string; attempts: number; created_at: Date }>`
    update notification set attempts = attempts + 1, not_before = ${new Date(nowMs + leaseMs)}
    where id = (
      select id from notification where not_before <= ${new Date(nowMs)}
      order by not_before limit 1 for update skip locked
    )
    returning id, body, attempts, created_at`.execute(db)
  const [row] = rows
  if (row === undefined) return undefined
  const { id, body, attempts, created_at } = row
  return { id, body, attempts, createdAtMs: created_at.getTime() }
}

export async function removeNotification(db: Kysely<Database>, id: string): Promise<void> {
  await db.deleteFrom('notification').where('id', '=', id).execute()
}

export async function postponeNotification(
  db: Kysely<Database>,
  id: string,
  notBeforeMs: number,
): Promise<void> {
  await db
    .updateTable('notification')
    .set({ not_before: new Date(notBeforeMs) })
    .where('id', '=', id)
    .execute()
}
