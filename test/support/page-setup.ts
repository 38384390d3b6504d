/** Builds the console's page before the tests where its sources are newer, so that a clean clone needs no step of its own. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'web/dist/index.html')

const sources = ['web/{src,public}/**/*', 'web/*.*', 'src/http/contract/aws-names.ts', 'package-lock.json']

export default function buildPage(): void {
  if (existsSync(built) && newestSourceMs() < statSync(built).mtimeMs) return
  // Vitest's own NODE_ENV would make it a page for developers.
  const env = { ...process.env, NODE_ENV: 'production' }
  execFileSync('npm', ['run', 'build:web'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

function newestSourceMs(): number {
  const files = globSync(sources, { cwd: root })
  return Math.max(...files.map((file) => statSync(join(root, file)).mtimeMs))
}
