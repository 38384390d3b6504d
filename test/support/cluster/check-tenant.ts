/** What one customer finds in the bucket in the end, held against what their client was told. */
import { crc32 } from 'node:zlib'
import { expectedEvent } from '../../../demo/expected-event.ts'
import { readFolders } from '../exported-folders.ts'
import { pipelinesClient } from '../pipelines-client.ts'
import { byInsertId, withoutStamp } from '../stamped-events.ts'
import type { TenantLife } from './tenant-life.ts'
import { untilItPasses } from './until-it-passes.ts'

/** Whether every event that was sent, all of them answered by now, is in the finished folder, and nothing else. */
export async function isDelivered({ client, folder, options }: TenantLife): Promise<boolean> {
  const found = (await readFolders(options.account.bucket, folder)).get('')
  if (found?.completeBytes !== 0 || found.strays.length > 0) return false
  const events = JSON.stringify(byInsertId(found.events.map(withoutStamp)).map(sorted))
  return events === JSON.stringify(byInsertId(client.sent.map(expectedEvent)).map(sorted))
}

/** In words, what is not as it must be; nothing where all is. */
export async function tenantObjections(life: TenantLife, url: string): Promise<string[]> {
  const { client, folder, options } = life
  const { account, project, day } = options
  const found = (await readFolders(account.bucket, folder)).get('')
  if (found === undefined) return [`${folder} is not there`]
  const ids = found.events.map(({ properties }) => String(properties.$insert_id))
  const sent = new Set(client.sent.map(({ properties }) => properties.$insert_id))
  const distinct = new Set(ids)
  const objections = [
    ...(found.completeBytes === 0 ? [] : [`${folder}complete: ${found.completeBytes ?? 'no'} bytes`]),
    ...found.strays.map((name) => `${folder}${name} is a stray`),
    ...(ids.length > distinct.size ? [`${folder}: ${ids.length - distinct.size} events twice`] : []),
    ...[...sent]
      .filter((id) => !distinct.has(id))
      .map((id) => `${folder}: ${id} was answered and is missing`),
    ...[...distinct].filter((id) => !sent.has(id)).map((id) => `${folder}: ${id} was never sent`),
  ]
  if (objections.length === 0 && !(await isDelivered(life))) objections.push(`${folder}: events differ`)
  const name = life.pipeline() ?? ''
  const { status, json } = await untilItPasses(() =>
    pipelinesClient(url, project.apiSecret).call(`manifest?name=${name}&date=${day}`),
  )
  if (status !== 200) return [...objections, `the manifest of ${folder} was answered ${status}`]
  const told = (json.files as { name: string; bytes: number; crc32: string }[]).map(
    ({ name: file, bytes, crc32: sum }) => `${folder}${file} ${bytes} ${sum}`,
  )
  const there = await Promise.all(
    found.files.map(async (key) => {
      const { bytes } = await account.bucket.read(key)
      return `${key} ${bytes.length} ${crc32(bytes).toString(16).padStart(8, '0')}`
    }),
  )
  if (told.sort().join() !== there.sort().join())
    objections.push(`${folder}: the manifest tells of ${told.join(', ')}; there are ${there.join(', ')}`)
  return objections
}

function sorted(event: object): object {
  const { event: name, properties } = event as { event: string; properties: object }
  return [name, Object.entries(properties).sort(([left], [right]) => (left < right ? -1 : 1))]
}
