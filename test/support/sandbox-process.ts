/** `penstock sandbox` in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface SandboxProcess {
  url: string
  stop(): Promise<void>
}

/** Keeps its world file and its objects in `folder`. */
export async function startSandboxProcess(world: object, folder: string): Promise<SandboxProcess> {
  const file = join(folder, 'world.json')
  await writeFile(file, JSON.stringify(world))
  const program = join(import.meta.dirname, '../../bin/penstock')
  const child = spawn(program, ['sandbox', '--world', file, '--data', join(folder, 'objects')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: printed.toString().trim(),
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
