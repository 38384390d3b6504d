import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { AwsError } from '../answer.ts'
import type { Checksum, ChecksumAlgorithm, ObjectEncryption } from './object-metadata.ts'

export interface UploadedPart {
  readonly number: number
  readonly size: number
  readonly md5: Buffer
  readonly etag: string
  readonly checksum: Checksum
  readonly lastModifiedMs: number
  /** The file that holds its bytes. */
  readonly path: string
}

export interface MultipartUpload {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly initiatedMs: number
  readonly initiator: string
  readonly headers: Readonly<Record<string, string>>
  readonly encryption: ObjectEncryption
  /** How the parts' checksums become the object's; the algorithm is null where the client named none. */
  readonly checksumAlgorithm: ChecksumAlgorithm | null
  readonly checksumType: Checksum['type']
  readonly parts: Map<number, UploadedPart>
}

/** Uploads in parts that are under way. They live as long as the sandbox does, unlike the objects. */
export class MultipartUploads {
  readonly #uploads = new Map<string, MultipartUpload>()

  create(upload: Omit<MultipartUpload, 'id' | 'parts'>): MultipartUpload {
    const created = {
      ...upload,
      id: randomUUID().replaceAll('-', ''),
      parts: new Map<number, UploadedPart>(),
    }
    this.#uploads.set(created.id, created)
    return created
  }

  /** Throws `NoSuchUpload` where it is not under way for this bucket and key. */
  find(id: string, bucket: string, key: string): MultipartUpload {
    const upload = this.#uploads.get(id)
    if (upload?.bucket === bucket && upload.key === key) return upload
    throw new AwsError(
      404,
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      { fields: { UploadId: id } },
    )
  }

  putPart(upload: MultipartUpload, part: UploadedPart): void {
    const earlier = upload.parts.get(part.number)
    upload.parts.set(part.number, part)
    if (earlier !== undefined) rmSync(earlier.path, { force: true })
  }

  /** Ends an upload and frees its parts. */
  remove(upload: MultipartUpload): void {
    this.#uploads.delete(upload.id)
    for (const { path } of upload.parts.values()) rmSync(path, { force: true })
  }

  /** Those of a bucket, by key and then in the order in which they were begun. */
  of(bucket: string): MultipartUpload[] {
    return [...this.#uploads.values()]
      .filter((upload) => upload.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.initiatedMs - b.initiatedMs)
  }
}
