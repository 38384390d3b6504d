/** Somebody's result is not what it must be: its time counts for nothing, and the bench fails. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult'
}
