/** The S3 server that ours and the baselines write to. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBucket } from '../../test/support/bucket-reader.ts'
import { type CephLab, cephLabMissing, openCephLab } from '../../test/support/ceph-lab.ts'
import { cephPlace, type ExportPlace, openSandboxPlace } from '../../test/support/export-place.ts'
import type { Env } from '../../test/support/penstock-process.ts'
import { startSandboxProcess } from '../../test/support/sandbox-process.ts'
import { storeEnv, storeWorld } from '../../test/support/store-sandbox.ts'

export interface BenchPlace extends ExportPlace {
  server: 'Ceph gateway' | 'sandbox'
  /** A bucket of the operator's own on such a server, and settings that put an event store there. */
  openStore(): Promise<StoreBucket>
  /** Waits until the server has done with what was deleted, which must not run into the next run's time. */
  settle(): Promise<void>
}

interface StoreBucket {
  env: Env
  close(): Promise<void>
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
    const lab = await openCephLab()
    return {
      ...{ ...cephPlace(lab), server: 'Ceph gateway' },
      openStore: async () => cephStore(lab),
      settle: () => sleep(cephSettleMs),
    }
  }
  say(`S3 server: the sandbox (${missing})`)
  const place = await openSandboxPlace(folder)
  return { ...place, server: 'sandbox', openStore: () => sandboxStore(folder), settle: async () => undefined }
}

/** The gateway itself: what it takes to read from it is taken from the same cores. */
function cephStore(lab: CephLab): StoreBucket {
  const prefix = `penstock-bench-store-${randomBytes(4).toString('hex')}`
  return {
    env: storeEnv({ ...lab, prefix, keys: lab.owner }),
    close: async () => {
      const bucket = openBucket(lab)
      await bucket.removeAll(`${prefix}/`)
      bucket.close()
    },
  }
}

/** One apart from the one that is exported to. */
async function sandboxStore(folder: string): Promise<StoreBucket> {
  const ofStore = join(folder, 'store-sandbox')
  await mkdir(ofStore)
  const { url, stop } = await startSandboxProcess(storeWorld(), ofStore)
  return { env: storeEnv({ url }), close: stop }
}
