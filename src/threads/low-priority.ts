import { platform, setPriority } from 'node:os'

/** The lowest: such a thread gets what the others leave. */
const niceness = 19

/**
 * Makes a thread task one that gives way: from its first call on, its thread gets only the processor time that nobody else
 * wants. For pools of their own. On Linux 0 names the calling thread; elsewhere it would be the whole process, which
 * keeps its priority then.
 */
export function atLowPriority<Input, Output>(task: (input: Input) => Output): (input: Input) => Output {
  let isLow = platform() !== 'linux'
  return (input) => {
    if (!isLow) setPriority(0, niceness)
    isLow = true
    return task(input)
  }
}
