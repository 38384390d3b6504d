/** The S3 server that ours and the baselines write to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { cephLabMissing, openCephLab } from '../../test/support/ceph-lab.ts'
import { cephPlace, type ExportPlace, openSandboxPlace } from '../../test/support/export-place.ts'

export interface BenchPlace extends ExportPlace {
  server: 'Ceph gateway' | 'sandbox'
  /** Waits until the server has done with what was deleted, which must not run into the next run's time. */
  settle(): Promise<void>
}

/** The gateway collects what was deleted every two seconds, for at most two seconds. */
const cephSettleMs = 5000

/** @param wanted undefined: the Ceph gateway where it can be had */
export async function openPlace(
  folder: string,
  wanted: 'sandbox' | undefined,
  say: (text: string) => void,
): Promise<BenchPlace> {
  const missing = wanted === 'sandbox' ? 'the quick form needs no other' : cephLabMissing()
  if (missing === undefined) {
    const place = cephPlace(await openCephLab())
    return { ...place, server: 'Ceph gateway', settle: () => sleep(cephSettleMs) }
  }
  say(`S3 server: the sandbox (${missing})`)
  return { ...(await openSandboxPlace(folder)), server: 'sandbox', settle: async () => undefined }
}
