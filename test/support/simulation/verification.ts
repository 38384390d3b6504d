/** What `penstock verify` does, in the process of the test: a simulation has many pipelines to verify. */
import { composeVerification } from '../../../src/compose.ts'
import { readConfig } from '../../../src/config/read-config.ts'
import { openDatabase } from '../../../src/control/db/open-database.ts'
import { findVerifiablePipelines } from '../../../src/control/pipelines/find-verifiable-pipeline.ts'
import { createDestinations } from '../../../src/data/deliver/destinations.ts'
import type { LocalHour, ProjectId } from '../../../src/ids.ts'
import { type VerifiedFolder, verifyPipeline } from '../../../src/workflows/verify-pipeline.ts'
import { exporter } from '../sandbox-world.ts'
import type { ServingPlace } from '../serving-place.ts'
import { silentLog } from '../silent-log.ts'

export interface Verification {
  /** Of every folder of a pipeline that has a run. */
  differences(projectId: ProjectId, pipeline: string): Promise<VerifiedFolder['differences']>
  close(): Promise<void>
}

const everyHour = { fromHour: 0 as LocalHour, toHour: 10_000_000 as LocalHour }

export async function openVerification({ env }: ServingPlace): Promise<Verification> {
  const penstockEnv = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('PENSTOCK_')))
  const config = readConfig(penstockEnv)
  const database = await openDatabase({ ...config, applicationName: 'verify', connectionsMax: 2 })
  const verification = await composeVerification(config, database, silentLog)
  const options = { pathStyle: true, allowPlainHttp: false, sessionSeconds: 3600 }
  const ownCredentials = async () => exporter
  const destinations = createDestinations({ ...options, ownCredentials, env, log: silentLog })
  return {
    differences: async (projectId, name) => {
      const [pipeline] = await findVerifiablePipelines(database.db, name, projectId)
      if (pipeline === undefined) throw new Error(`${name} is gone`)
      const { signal } = new AbortController()
      const folders = verifyPipeline(
        { ...verification.deps, destinations },
        { pipeline, hours: everyHour, signal },
      )
      return (await Array.fromAsync(folders)).flatMap(({ differences }) => differences)
    },
    close: async () => {
      destinations.close()
      await verification.close()
      await database.close()
    },
  }
}
