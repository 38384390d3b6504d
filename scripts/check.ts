/** Runs every static check and reports all that fail, not the first alone. */
import { spawnSync } from 'node:child_process'

const checks: Record<string, string[]> = {
  types: ['tsc', '--pretty', 'false'],
  'types of the page': ['tsc', '-p', 'web', '--pretty', 'false'],
  lint: ['biome', 'ci', '--error-on-warnings'],
  layers: ['depcruise', 'src', 'sandbox', 'test', 'demo', 'bench', 'scripts', 'web/src'],
  'unused code': ['knip'],
}

const failed = Object.entries(checks).filter(([name, [command = '', ...args]]) => {
  console.log(`-- ${name}`)
  return spawnSync(command, args, { stdio: 'inherit' }).status !== 0
})
if (failed.length > 0) {
  console.error(`failed: ${failed.map(([name]) => name).join(', ')}`)
  process.exit(1)
}
console.log('all checks passed')
