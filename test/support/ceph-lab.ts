/**
 * A real S3, STS and IAM server: Ceph's object gateway, brought up by the scripts of `../shared/rgw` where that folder
 * lies beside the repository. A lab that is up already is used, and left up.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { bucketPolicy, trustPolicy } from './sandbox-world.ts'

const run = promisify(execFile)
const scripts = join(import.meta.dirname, '../../../shared/rgw')
const programs = ['ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'nginx', 'curl']
const startMsMax = 600_000

export interface CephLab {
  /** The gateway's address and the exporter's own identity, as the AWS SDK reads them. */
  env: Record<string, string>
  url: string
  region: string
  account: string
  bucket: string
  owner: { accessKeyId: string; secretAccessKey: string }
  kmsKey: string
  requestLog: string
  /** A role that lets the exporter in with this external ID, and write to the bucket. Gives its ARN. */
  createRole(name: string, externalId: string, policies?: RolePolicies): Promise<string>
  /** Stops the lab if it was started for this test. */
  close(): Promise<void>
}

/** AWS policy documents, in place of the usual ones. */
interface RolePolicies {
  trust?: object
  permissions?: object
}

/** Why the lab can't be had here, or undefined where it can. */
export function cephLabMissing(): string | undefined {
  if (!existsSync(join(scripts, 'up.sh'))) return '../shared/rgw is not there'
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length === 0 || (process.getuid?.() === 0 && isInstalled('apt-get'))) return undefined
  return `${missing.join(', ')} not installed, and this user can't install them`
}

export async function openCephLab(): Promise<CephLab> {
  const { stdout, stderr } = await run(join(scripts, 'up.sh'), { timeout: startMsMax })
  const wasUp = stderr.includes('already up')
  const printed = new Map(
    [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const read = (name: string): string => {
    const value = printed.get(name)
    if (value === undefined) throw new Error(`the lab did not print ${name}`)
    return value
  }
  const [accessKeyId = '', secretAccessKey = ''] = read('RGW_LAB_ACME_OWNER').split(':')
  const account = read('RGW_LAB_ACME_ROLE').split(':')[4] ?? ''
  const bucket = read('RGW_LAB_ACME_BUCKET')
  return {
    env: Object.fromEntries([...printed].filter(([name]) => name.startsWith('AWS_'))),
    url: read('AWS_ENDPOINT_URL_S3'),
    region: read('AWS_REGION'),
    account,
    bucket,
    owner: { accessKeyId, secretAccessKey },
    kmsKey: read('RGW_LAB_ACME_KMS_KEY'),
    requestLog: read('RGW_LAB_REQUEST_LOG'),
    createRole: (name, externalId, policies) =>
      createRole(account, name, {
        trust: trustPolicy(externalId),
        permissions: bucketPolicy(bucket),
        ...policies,
      }),
    close: async () => {
      if (!wasUp) await run(join(scripts, 'down.sh'))
    },
  }
}

async function createRole(account: string, name: string, policies: Required<RolePolicies>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-ceph-role-'))
  try {
    const trust = join(folder, 'trust.json')
    const permissions = join(folder, 'permissions.json')
    await writeFile(trust, JSON.stringify(policies.trust))
    await writeFile(permissions, JSON.stringify(policies.permissions))
    const { stdout } = await run(join(scripts, 'role.sh'), [account, name, trust, permissions])
    return stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}
