/** Where exports go in end-to-end tests: a sandbox in a process of its own, or a real S3 server. */
import { randomBytes } from 'node:crypto'
import { type BucketAccess, type BucketReader, openBucket } from './bucket-reader.ts'
import type { CephLab } from './ceph-lab.ts'
import { type SandboxControl, sandboxControl } from './sandbox-control.ts'
import { startSandboxProcess } from './sandbox-process.ts'
import { type Customer, exporter, ownerOf, roleOf, worldOfCustomers } from './sandbox-world.ts'
import { gatewayWrites, sandboxWrites, type Write } from './write-log.ts'

/** A customer's account that lets one project in. */
export interface Account {
  bucketName: string
  region: string
  role: string
  kmsKey: string
  /** Of the pipeline. */
  prefix: string
  /** As its owner reads it. */
  access: BucketAccess
  bucket: BucketReader
  writes(): Promise<Write[]>
}

export interface ExportPlace {
  env: Record<string, string>
  /** Sets an account up for the project with this token. */
  admit(token: string): Promise<Account>
  close(): Promise<void>
}

export interface SandboxAccount extends Account {
  /** The account's number. */
  id: string
}

export interface SandboxPlace extends ExportPlace {
  control: SandboxControl
  admit(token: string): Promise<SandboxAccount>
  /** Makes the world, in which every customer has set up what is asked, one that differs; the next change begins anew. */
  changeWorld(change: (world: World) => void): Promise<void>
}

export type World = ReturnType<typeof worldOfCustomers>

/** A sandbox that keeps its objects in `folder`; each project gets an account and a bucket of its own. */
export async function openSandboxPlace(folder: string): Promise<SandboxPlace> {
  const customers: Customer[] = []
  const readers: BucketReader[] = []
  const sandbox = await startSandboxProcess(worldOfCustomers(customers), folder)
  const control = sandboxControl(sandbox.url)
  const changeWorld = async (change: (world: World) => void): Promise<void> => {
    const world = worldOfCustomers(customers)
    change(world)
    await control.changeWorld(world)
  }
  return {
    control,
    changeWorld,
    env: {
      AWS_ENDPOINT_URL: sandbox.url,
      AWS_ACCESS_KEY_ID: exporter.accessKeyId,
      AWS_SECRET_ACCESS_KEY: exporter.secretAccessKey,
      PENSTOCK_S3_PATH_STYLE: 'true',
    },
    admit: async (token) => {
      const customer = newCustomer(customers.length, token)
      customers.push(customer)
      await changeWorld(() => {})
      const { account: id, bucket: bucketName, region, kmsKey } = customer
      const access = { url: sandbox.url, region, bucket: bucketName, owner: ownerOf(customer) }
      const bucket = openBucket(access)
      readers.push(bucket)
      const writes = () => sandboxWrites(sandbox.url, bucketName)
      const role = roleOf(customer)
      return { id, bucketName, region, role, kmsKey, prefix: 'test', access, bucket, writes }
    },
    close: async () => {
      for (const reader of readers) reader.close()
      await sandbox.stop()
    },
  }
}

function newCustomer(index: number, externalId: string) {
  const account = `2222222222${String(index).padStart(2, '0')}`
  return {
    account,
    region: 'us-west-2',
    bucket: `example-s3-export-${index}`,
    externalId,
    kmsKey: `arn:aws:kms:us-west-2:${account}:key/11111111-2222-3333-4444-555555555555`,
  }
}

/** One bucket of the lab; each project gets a role and a prefix of its own, which goes at the end. */
export function cephPlace(lab: CephLab): ExportPlace {
  const run = randomBytes(4).toString('hex')
  const prefixes: string[] = []
  const bucket = openBucket(lab)
  return {
    env: { ...lab.env, PENSTOCK_S3_PATH_STYLE: 'true' },
    admit: async (token) => {
      const prefix = `penstock-e2e-${run}-${prefixes.length}`
      prefixes.push(prefix)
      const role = await lab.createRole(prefix, token)
      const writes = () => gatewayWrites(lab.requestLog, lab.bucket)
      return {
        ...{ bucketName: lab.bucket, region: lab.region, kmsKey: lab.kmsKey },
        ...{ role, prefix, access: lab, bucket, writes },
      }
    },
    close: async () => {
      for (const prefix of prefixes) await bucket.removeAll(`${prefix}/`)
      bucket.close()
      await lab.close()
    },
  }
}
