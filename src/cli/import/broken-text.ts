/** A file whose form is broken at a place that no later one can be told from. */
export class BrokenText extends Error {
  constructor(line: number, found: string) {
    super(`line ${line}: ${found}`)
    this.name = 'BrokenText'
  }
}
