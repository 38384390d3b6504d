/** What tests ask of a sandbox beyond AWS: faults, its log, another world. */
import type { RequestRecord } from '../../sandbox/request-log.ts'

export interface SandboxControl {
  fault(fault: object): Promise<void>
  clearFaults(): Promise<void>
  /** Answered requests, in the order of their answers. */
  requests(): Promise<RequestRecord[]>
  /** What AWS was asked for during the work. */
  actionsOf(work: () => Promise<unknown>): Promise<string[]>
  /** Requests that have begun and are not answered yet. */
  inFlight(): Promise<RequestRecord[]>
  changeWorld(world: object): Promise<void>
}

export function sandboxControl(url: string): SandboxControl {
  const call = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(`${url}/_sandbox/${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`the sandbox's ${path} was answered ${answer.status}: ${text}`)
    return text
  }
  const requests = async (): Promise<RequestRecord[]> => parseRecords(await call('requests'))
  return {
    fault: async (fault) => void (await call('faults', { method: 'POST', body: JSON.stringify(fault) })),
    clearFaults: async () => void (await call('faults', { method: 'DELETE' })),
    requests,
    actionsOf: async (work) => {
      const before = (await requests()).length
      await work()
      return (await requests()).slice(before).map(({ action }) => action ?? '')
    },
    inFlight: async () => parseRecords(await call('requests/in-flight')),
    changeWorld: async (world) => void (await call('world', { method: 'PUT', body: JSON.stringify(world) })),
  }
}

function parseRecords(ndjson: string): RequestRecord[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RequestRecord)
}
