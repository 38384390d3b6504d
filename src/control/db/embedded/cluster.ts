/** The files of an embedded cluster: made once, whole. */
import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isAlive } from './postmaster.ts'
import { isFolder, type ServerPrograms } from './server-programs.ts'

export const databaseUser = 'penstock'

const passwordFileName = 'penstock-password'

/** The password that was made with the cluster, and stands in it: the server's own user and root can read it. */
export async function clusterPassword(cluster: string): Promise<string> {
  return (await readFile(join(cluster, passwordFileName), 'utf8')).trim()
}

/**
 * Makes the cluster where there is none: in a folder beside it that is renamed when it is whole, so a process that is
 * killed half-way, or two that do it at once, leave one cluster or none.
 */
export async function makeCluster(cluster: string, programs: ServerPrograms): Promise<void> {
  if (isFolder(cluster)) return
  await removeUnfinished(cluster)
  const fresh = `${cluster}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  await mkdir(fresh, { mode: 0o700 })
  const passwordFile = `${fresh}.password`
  const password = randomBytes(16).toString('hex')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (programs.owner !== undefined) {
    for (const path of [fresh, passwordFile]) await chown(path, programs.owner.uid, programs.owner.gid)
  }
  await programs.run('initdb', [
    `--pgdata=${fresh}`,
    `--username=${databaseUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ])
  // The password goes with the cluster it opens: whoever loses the race keeps neither.
  await rename(passwordFile, join(fresh, passwordFileName))
  await rename(fresh, cluster).catch(async (cause: NodeJS.ErrnoException) => {
    await rm(fresh, { recursive: true, force: true })
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause
  })
  await syncFolder(dirname(cluster))
}

/** Makes a rename in a folder outlast a power cut: events must not outlive the projects that they belong to. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync()
  await folder.close()
}

/** Clusters that were being made by processes that have ended. */
async function removeUnfinished(cluster: string): Promise<void> {
  const folder = dirname(cluster)
  for (const name of await readdir(folder)) {
    const pid = /^postgres\.(\d+)\.\w+\.new/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true })
  }
}
