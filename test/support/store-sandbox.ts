/** An S3 of the operator's own for the event store: a sandbox apart from the one that destinations are in. */
import { startSandbox } from '../../sandbox/main.ts'
import type { S3StoreOptions } from '../../src/data/store/s3/s3-store-options.ts'
import type { Env } from './penstock-process.ts'
import { type SandboxControl, sandboxControl } from './sandbox-control.ts'
import { silentLog } from './silent-log.ts'

export const storeBucket = 'penstock-store'
export const storeKeys = {
  accessKeyId: 'AKIAPENSTOCKSTORE001',
  secretAccessKey: 'penstock-store-secret-0001',
}
const account = '999999999999'
const arn = `arn:aws:iam::${account}:user/penstock-store`

/** @param policies of the store's own user; without any it may do all in its account */
export function storeWorld(policies: object[] = []) {
  const { accessKeyId, secretAccessKey } = storeKeys
  return {
    users: [{ arn, access_key_id: accessKeyId, secret_access_key: secretAccessKey, policies }],
    roles: [],
    buckets: [{ name: storeBucket, account, region: 'eu-central-1' }],
    keys: [],
  }
}

export interface StoreSandbox {
  url: string
  /** Settings that put the event store there. */
  env: Env
  control: SandboxControl
  /** Of a store there whose waits between tries are short. */
  options(changes?: Partial<S3StoreOptions>): S3StoreOptions
  close(): Promise<void>
}

export async function startStoreSandbox(): Promise<StoreSandbox> {
  const sandbox = await startSandbox({ world: storeWorld() })
  const { url } = sandbox
  return {
    url,
    env: {
      PENSTOCK_STORE_URL: `s3://${storeBucket}/events`,
      PENSTOCK_STORE_S3_ENDPOINT: url,
      PENSTOCK_STORE_S3_REGION: 'eu-central-1',
      PENSTOCK_STORE_S3_PATH_STYLE: 'true',
      PENSTOCK_STORE_S3_ACCESS_KEY_ID: storeKeys.accessKeyId,
      PENSTOCK_STORE_S3_SECRET_ACCESS_KEY: storeKeys.secretAccessKey,
    },
    control: sandboxControl(url),
    options: (changes = {}) => ({
      bucket: storeBucket,
      prefix: 'events',
      endpoint: url,
      region: 'eu-central-1',
      credentials: storeKeys,
      pathStyle: true,
      writeMsMax: 8000,
      readMsMax: 8000,
      log: silentLog,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 20)),
      ...changes,
    }),
    close: () => sandbox.close(),
  }
}
