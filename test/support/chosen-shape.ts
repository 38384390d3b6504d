/**
 * The shape of the program (docs/architecture.md) that end-to-end tests run in.
 *
 * `PENSTOCK_TEST_SHAPE=shared npx vitest run test/e2e` runs the same tests in the shape of several machines: a database and a
 * store that are outside, the store in an S3 of its own, and a process for each role.
 */
import { createTestDatabase } from './database.ts'
import { type Env, type RunningPenstock, startPenstock } from './penstock-process.ts'
import { serveApart } from './serve-apart.ts'
import { type StoreSandbox, startStoreSandbox } from './store-sandbox.ts'

export const isShared = readShape(process.env.PENSTOCK_TEST_SHAPE ?? 'one process')

function readShape(shape: string): boolean {
  if (shape !== 'one process' && shape !== 'shared')
    throw new Error(`PENSTOCK_TEST_SHAPE: there is no ${shape}`)
  return shape === 'shared'
}

export interface Installation {
  env: Env
  /** Every role is served when it resolves: by one process, or by one each. */
  start(settings?: Env): Promise<RunningPenstock>
  /** Once nothing serves any more. */
  close(): Promise<void>
}

/** @param settings are kept as they are; what the chosen shape needs and they don't name is opened and added */
export async function openInstallation(settings: Env): Promise<Installation> {
  if (!isShared) {
    const start = (more: Env = {}) => startPenstock({ ...settings, ...more })
    return { env: settings, start, close: async () => undefined }
  }
  return await openApart(settings)
}

/** The shape of several machines, whichever is chosen. */
export async function openApart(settings: Env): Promise<Installation & { storeSandbox: StoreSandbox }> {
  const storeSandbox = await startStoreSandbox()
  const database = settings.PENSTOCK_DATABASE_URL === undefined ? await createTestDatabase() : undefined
  const env = { ...storeSandbox.env, ...(database && { PENSTOCK_DATABASE_URL: database.url }), ...settings }
  return {
    ...{ env, storeSandbox },
    start: (more = {}) => serveApart({ ...env, ...more }),
    close: async () => {
      await storeSandbox.close()
      await database?.drop()
    },
  }
}
