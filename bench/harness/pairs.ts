/** How often ours and a baseline are run in turn. */
export interface Pairs {
  /** So many are run however long they take. */
  least: number
  most: number
  /** More than the least only as long as the next one, taking as long as those before it, is likely to end by then. */
  secondsMax: number
}

export const exactly = (count: number): Pairs => ({ least: count, most: count, secondsMax: 0 })

/** Whether another pair is to be run after `done` of them, which took `seconds` in all. */
export function wantsAnother({ least, most, secondsMax }: Pairs, done: number, seconds: number): boolean {
  if (done < least) return true
  return done < most && seconds + seconds / done <= secondsMax
}
