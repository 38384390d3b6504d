/** What is wrong with an expression, and where in its text. Never leaves this folder: where.ts makes a PenstockError of it. */
export class ExpressionError extends Error {
  readonly at: number

  /** @param message finishes the sentence "at column 7: …" */
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** A place as people count: `column 7`, in characters from 1; `line 2, column 7` where there are several lines. */
export function placeText(text: string, at: number): string {
  const before = text.slice(0, at).split('\n')
  const column = `column ${[...(before.at(-1) ?? '')].length + 1}`
  return text.includes('\n') ? `line ${before.length}, ${column}` : column
}
