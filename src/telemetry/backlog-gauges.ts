/**
 * Gauges of what the database knows. Every process shows the same, so dashboards take the maximum over processes. A
 * scrape waits a moment for the database at most, and a database that is away takes the gauges with it: no number is
 * better than an old one.
 */
import { Gauge, type Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { Backlog } from '../control/runs/read-backlog.ts'
import { createLastAnswer } from './last-answer.ts'

/** Scrapes of several collectors within it share one look. */
const freshMs = 5000
/** Of a scrape, for a look that is under way. */
const waitMsMax = 1000
/** What was seen longer ago is not shown any more. */
const shownMsMax = 15_000

export function registerBacklogGauges(registry: Registry, clock: Clock, read: () => Promise<Backlog>): void {
  const latest = createLastAnswer({ read, clock, freshMs, waitMsMax, shownMsMax })
  const gauge = (name: string, help: string, value: (backlog: Backlog) => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const backlog = await latest()
        if (backlog === undefined) this.remove()
        else this.set(value(backlog))
      },
    })
  }
  new Gauge({
    name: 'penstock_runs',
    help: 'Runs by state, of those that are not over; a state counts to 100000',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const backlog = await latest()
      this.reset()
      for (const [state, runs] of Object.entries(backlog?.runs ?? {})) this.set({ state }, runs)
    },
  })
  gauge('penstock_runs_due', 'Runs that could be worked now and wait for a worker', ({ runsDue }) => runsDue)
  gauge(
    'penstock_folder_lag_seconds',
    'How long ago the folder became due that waits longest for its export, backfills aside',
    ({ lagSeconds }) => lagSeconds,
  )
  gauge(
    'penstock_pipelines_held',
    'Pipelines that Penstock has paused until their destinations can be written to',
    ({ pipelinesHeld }) => pipelinesHeld,
  )
  gauge(
    'penstock_notifications_waiting',
    'Notifications that the webhook has not taken yet',
    ({ notificationsWaiting }) => notificationsWaiting,
  )
  new Gauge({
    name: 'penstock_database_up',
    help: '1 where the database told this process a moment ago what is left to do',
    registers: [registry],
    async collect() {
      this.set((await latest()) === undefined ? 0 : 1)
    },
  })
}
