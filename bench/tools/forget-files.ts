import { spawnSync } from 'node:child_process'

/**
 * Asks the operating system to let go of what it holds of files in memory, so that they are read from the disk again.
 * @returns whether it could be asked: GNU dd can, with posix_fadvise(2)
 */
export function forgetFiles(files: readonly string[]): boolean {
  return files.every((file) => {
    const dd = spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
    return dd.status === 0
  })
}
