import type { Checkpoint } from './destination.ts'

/**
 * Middleware of a command that asks once more when the request is signed and about to leave. Between the question before a
 * try and this moment lies what the SDK does, over many turns of the event loop: a process that is stopped there must not
 * send when it wakes.
 */
export function lastCheckpoint(checkpoint: Checkpoint | undefined) {
  return <Args, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> => {
      checkpoint?.()
      return next(args)
    }
}

/** The last step of all, and the last of it. */
export const lastPlace = {
  step: 'deserialize',
  priority: 'low',
  name: 'penstockLastCheckpoint',
  override: true,
} as const
