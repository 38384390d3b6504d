/** A sandbox, and destinations in it. */
import { type Sandbox, startSandbox } from '../../sandbox/main.ts'
import type { RequestRecord } from '../../sandbox/request-log.ts'
import type { DestinationsOptions } from '../../src/data/deliver/access.ts'
import { deliverFolder } from '../../src/data/deliver/deliver-folder.ts'
import type { Destinations, DestinationTarget } from '../../src/data/deliver/destination.ts'
import { createDestinations } from '../../src/data/deliver/destinations.ts'
import type { ExportFile } from '../../src/data/export/export-file.ts'
import { inOrder } from './export-file.ts'
import { acme, acmeOwner, exporter, sandboxWorld } from './sandbox-world.ts'
import { type HandmadeRequest, sendSigned } from './signed-request.ts'
import { silentLog } from './silent-log.ts'

export const folder = 'acme/42/2026/11/24/full_day/'

export const acmeTarget: DestinationTarget = {
  bucket: acme.bucket,
  region: acme.region,
  roleArn: acme.role,
  externalId: acme.externalId,
  keyPrefix: 'acme/42/',
  sessionName: 'penstock-42-events-daily',
  encryption: 'none',
  kmsKeyId: null,
  bucketOwner: acme.account,
}

export interface DeliverySandbox {
  url: string
  /** Destinations whose waits between tries take no time. */
  destinations(options?: Partial<DestinationsOptions>): Destinations
  deliver(destinations: Destinations, target: DestinationTarget, files: ExportFile[]): Promise<string[]>
  fault(fault: object): Promise<void>
  /** Requests to AWS since the last call of `forget`. */
  requests(): Promise<RequestRecord[]>
  forget(): Promise<void>
  /** As the bucket's owner. */
  asOwner(request: HandmadeRequest): Promise<{ status: number; text: string }>
  close(): Promise<void>
}

export async function startDeliverySandbox(options: { world?: object; nowMs?: () => number } = {}) {
  const sandbox = await startSandbox({ world: sandboxWorld(), ...options })
  return deliverySandbox(sandbox)
}

function deliverySandbox(sandbox: Sandbox): DeliverySandbox {
  let seen = 0
  const opened: Destinations[] = []
  const allRequests = async (): Promise<RequestRecord[]> => {
    const text = await (await fetch(`${sandbox.url}/_sandbox/requests`)).text()
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RequestRecord)
  }
  return {
    url: sandbox.url,
    destinations(options = {}) {
      const destinations = createDestinations({
        pathStyle: true,
        allowPlainHttp: false,
        sessionSeconds: 3600,
        log: silentLog,
        env: { AWS_ENDPOINT_URL: sandbox.url },
        ownCredentials: async () => exporter,
        wait: async () => {},
        ...options,
      })
      opened.push(destinations)
      return destinations
    },
    async deliver(destinations, target, files) {
      const delivered = await deliverFolder(destinations.open(target), {
        folder,
        files: inOrder(files),
        uploadsMax: 2,
        signal: new AbortController().signal,
        checkpoint: () => {},
      })
      return delivered.files.map(({ key }) => key)
    },
    async fault(fault) {
      const answer = await fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify(fault),
      })
      if (!answer.ok) throw new Error(await answer.text())
    },
    requests: async () => (await allRequests()).filter(({ n }) => n > seen),
    async forget() {
      await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
      seen = (await allRequests()).at(-1)?.n ?? 0
    },
    asOwner: (request) => sendSigned(sandbox.url, request, { credentials: acmeOwner, region: acme.region }),
    async close() {
      for (const destinations of opened) destinations.close()
      await sandbox.close()
    },
  }
}
