/**
 * What the hot statements of the index and of the control plane cost as their tables grow: how many pages of eight kilobytes
 * they touch, by PostgreSQL's own account. Pages tell more than times here: they are the same on every machine.
 *
 *   node bench/index-scale/index-scale-process.ts 10 20
 *
 * loads the rows of so many days (load-rows.ts), measures, and goes on to the next number of days. Needs some gigabytes in
 * the temporary folder while it runs. docs/decisions/0054 has what it printed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { pino } from 'pino'
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { openEmbeddedPostgres } from '../../src/control/db/embedded/open-embedded-postgres.ts'
import { migrateDatabase } from '../../src/control/db/migrate.ts'
import { startJobs } from '../../src/control/jobs/jobs.ts'
import { loadDay, loadProjects, loadUnmerged, loadWaiting } from './load-rows.ts'
import { measureStatements } from './measure-statements.ts'

const steps = process.argv.slice(2).map(Number)
const folder = await mkdtemp(join(tmpdir(), 'penstock-index-scale-'))
const server = await openEmbeddedPostgres(folder)
const connection = connectDatabase(server.url, { applicationName: 'index scale', connectionsMax: 1 })
try {
  await forgetSafety(connection.pool)
  await migrateDatabase(connection.pool)
  const jobs = await startJobs({ databaseUrl: server.url, log: pino({ level: 'silent' }) })
  await jobs.stop({ deadlineMs: 0 })
  await loadProjects(connection.pool)
  let loaded = 0
  for (const days of steps) {
    for (; loaded < days; loaded++) await loadDay(connection.pool, loaded)
    if (days === steps.at(-1)) {
      await loadUnmerged(connection.pool, loaded, 200_000)
      await loadWaiting(connection.pool, loaded)
    }
    await connection.pool.query('vacuum analyze')
    await printSizes(connection.pool, days)
    await measureStatements(server.url, days)
  }
} finally {
  await connection.close()
  await server.release()
  await rm(folder, { recursive: true, force: true })
}

async function forgetSafety(pool: pg.Pool): Promise<void> {
  for (const setting of [
    'fsync = off',
    "max_wal_size = '1GB'",
    'autovacuum = off',
    "shared_buffers = '256MB'",
  ])
    await pool.query(`alter system set ${setting}`)
  await pool.query('select pg_reload_conf()')
}

async function printSizes(pool: pg.Pool, days: number): Promise<void> {
  const { rows } = await pool.query<{ name: string; rows: number; table: string; indexes: string }>(
    `select relname as name, reltuples::bigint as rows, pg_size_pretty(pg_relation_size(oid)) as table,
       pg_size_pretty(pg_indexes_size(oid)) as indexes
     from pg_class where relname in ('member', 'segment', 'run', 'folder', 'pipeline', 'job_common', 'export-run')
       and relkind = 'r' order by 1`,
  )
  process.stdout.write(`\n## ${days} days\n`)
  for (const row of rows)
    process.stdout.write(`${row.name}: ${row.rows} rows, ${row.table}, indexes ${row.indexes}\n`)
  const { rows: indexes } = await pool.query<{ name: string; size: string }>(
    `select indexrelname as name, pg_size_pretty(pg_relation_size(indexrelid)) as size from pg_stat_user_indexes
     where relname in ('member', 'segment') order by 1`,
  )
  for (const { name, size } of indexes) process.stdout.write(`  ${name}: ${size}\n`)
}
