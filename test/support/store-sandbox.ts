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
const storeRegion = 'eu-central-1'
const account = '999999999999'
const arn = `arn:aws:iam::${account}:user/penstock-store`

/** @param policies of the store's own user; without any it may do all in its account */
export function storeWorld(policies: object[] = []) {
  const { accessKeyId, secretAccessKey } = storeKeys
  return {
    users: [{ arn, access_key_id: accessKeyId, secret_access_key: secretAccessKey, policies }],
    roles: [],
    buckets: [{ name: storeBucket, account, region: storeRegion }],
    keys: [],
  }
}

interface StorePlaceOnS3 {
  url: string
  region?: string
  bucket?: string
  prefix?: string
  keys?: typeof storeKeys
}

/** Settings that put an event store there: without more than a URL, into the world above. */
export function storeEnv({
  url,
  region = storeRegion,
  bucket = storeBucket,
  prefix = 'events',
  keys = storeKeys,
}: StorePlaceOnS3): Env {
  return {
    PENSTOCK_STORE_URL: `s3://${bucket}/${prefix}`,
    PENSTOCK_STORE_S3_ENDPOINT: url,
    PENSTOCK_STORE_S3_REGION: region,
    PENSTOCK_STORE_S3_PATH_STYLE: 'true',
    PENSTOCK_STORE_S3_ACCESS_KEY_ID: keys.accessKeyId,
    PENSTOCK_STORE_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
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
    env: storeEnv({ url }),
    control: sandboxControl(url),
    options: (changes = {}) => ({
      bucket: storeBucket,
      prefix: 'events',
      endpoint: url,
      region: storeRegion,
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
