import type { Account } from '../../test/support/export-place.ts'
import type { Bench } from '../harness/bench.ts'
import { type Finished, runProgram } from '../harness/process-usage.ts'
import type { Missing } from '../tools/missing.ts'
import { type Uploader, uploaders } from './uploaders.ts'

/** Uploads a folder's files under `prefix`. */
export type UploadFolder = (files: string, account: Account, prefix: string) => Promise<Finished>

/** The same with `name`, or why that can't be had. */
export async function folderUploader(bench: Bench, name: 'rclone' | 'aws'): Promise<UploadFolder | Missing> {
  const tool = await bench.tool(name)
  if ('missing' in tool) return tool
  const uploader: Uploader = uploaders[name](tool.path)
  return async (files, account, prefix) => {
    const { program, args, env } = await uploader(files, account.access, prefix, bench.folder)
    return await runProgram(program, args, { env })
  }
}
