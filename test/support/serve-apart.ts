/** Every role in a process of its own. */
import { join } from 'node:path'
import { type Env, type RunningPenstock, startPenstock } from './penstock-process.ts'

const roles = ['api', 'worker', 'scheduler'] as const

/** As if they were one process; what they share is in the database and in the store that `env` names. */
export async function serveApart(env: Env): Promise<RunningPenstock> {
  const start = (role: (typeof roles)[number]) =>
    startPenstock(
      { PENSTOCK_METRICS_PORT: '0', ...env, PENSTOCK_DATA_DIR: join(env.PENSTOCK_DATA_DIR ?? '', role) },
      ['--roles', role],
    )
  return joined(await Promise.all(roles.map(start)))
}

/** Its URL is the first one's. */
function joined(processes: RunningPenstock[]): RunningPenstock {
  const [first] = processes as [RunningPenstock]
  const worst = (codes: (number | null)[]) => codes.find((code) => code !== 0) ?? codes.at(0) ?? null
  return {
    ...first,
    log: () => processes.map((process) => process.log()).join(''),
    kill: async (signal) => worst(await Promise.all(processes.map((process) => process.kill(signal)))),
    ended: Promise.all(processes.map(({ ended }) => ended)).then(worst),
  }
}
