/** Somebody else's command, run as if the user had typed it: it has our terminal, and gets the signals that we get. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { PenstockError } from '../errors/penstock-error.ts'

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * @param output where what it prints goes: ours, or our standard error, where ours is for one document
 * @returns its exit code, as a shell gives it: 128 and the signal's number where a signal ended it
 * @throws PenstockError `COMMAND_NOT_RUN`
 */
export async function runHere(file: string, args: string[], output: 'stdout' | 'stderr'): Promise<number> {
  const child = spawn(file, args, { stdio: ['inherit', process[output], 'inherit'] })
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of passedOn) process.on(signal, passOn)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(notRun(file, cause)))
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
  } finally {
    for (const signal of passedOn) process.off(signal, passOn)
  }
}

function notRun(file: string, cause: Error): PenstockError {
  return new PenstockError(
    'caller',
    'COMMAND_NOT_RUN',
    `${JSON.stringify(file)} can't be run: ${cause.message}; give a program that PATH finds, and its arguments`,
    { cause },
  )
}
