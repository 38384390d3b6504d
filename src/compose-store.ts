/** The event store's place: files, or an S3 of the operator's own. */
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config/settings.ts'
import type { BlobStore } from './data/store/blob-store.ts'
import { openFileBlobStore } from './data/store/file-blob-store.ts'
import { openS3BlobStore } from './data/store/s3/s3-blob-store.ts'
import { PenstockError } from './errors/penstock-error.ts'
import { countAwsRequests, type Metrics } from './telemetry/metrics.ts'

/** The caller's to close. */
export async function openBlobStore(
  config: Config,
  log: Pick<Logger, 'info' | 'warn'>,
  metrics?: Metrics,
): Promise<BlobStore> {
  const { storeUrl } = config
  if (storeUrl === undefined) return await openFileBlobStore(join(resolve(config.dataDir), 'events'))
  if (storeUrl.kind === 'files') return await openFileBlobStore(storeUrl.folder)
  const { storeS3AccessKeyId: accessKeyId, storeS3SecretAccessKey: secretAccessKey } = config
  return await openS3BlobStore({
    bucket: storeUrl.bucket,
    prefix: storeUrl.prefix,
    endpoint: config.storeS3Endpoint,
    region: config.storeS3Region,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey },
    pathStyle: config.storeS3PathStyle,
    writeMsMax: config.storeS3WriteSecondsMax * 1000,
    readMsMax: config.storeS3ReadSecondsMax * 1000,
    log,
    ...(metrics === undefined ? {} : { onRequest: countAwsRequests(metrics, 'store') }),
  })
}

/**
 * What stays wrong until somebody mends it stops the start; what may pass shows in `/readyz`.
 * @throws PenstockError `STORE_UNUSABLE`
 */
export async function refuseUnusable(blobs: BlobStore, log: Pick<Logger, 'warn'>): Promise<void> {
  const trouble = await blobs.trouble()
  if (trouble === undefined) return
  const message = `event store at ${blobs.location}: ${trouble.words}`
  if (trouble.isLasting) throw new PenstockError('outside', 'STORE_UNUSABLE', message)
  log.warn(message)
}
