/**
 * Tells which event lines of a member an expression is true of. Most lines are told by a text that they would need and
 * do not have; the others are read.
 */
import { compileExpression } from './compile-expression.ts'
import type { Expression } from './expression.ts'
import { LineFields } from './line-fields.ts'
import { neededTexts } from './needed-text.ts'
import { TextCursor } from './text-cursor.ts'
import { type ProfileLookup, UserFields } from './user-fields.ts'

/** Whether the expression is true of the line at these places. Lines must be asked for from the first to the last. */
type LineTest = (start: number, end: number) => boolean

/** The test for each member that it is given, one after the other. */
export type LineFilter = (lines: Buffer) => LineTest

/** @param lookUp finds the profiles that the expression asks for */
export function createLineFilter(
  expression: Expression,
  lookUp: ProfileLookup = () => undefined,
): LineFilter {
  const { fields, isTrueOf } = compileExpression(expression)
  const texts = neededTexts(expression)?.map((text) => Buffer.from(text))
  const event = fields.some(({ of }) => of === 'user')
    ? new UserFields(fields, lookUp)
    : new LineFields(fields)
  return (lines) => {
    const escapes = new TextCursor(lines, Buffer.from('\\'))
    const cursors = texts?.map((text) => new TextCursor(lines, text))
    return (start, end) => {
      const hasEscapes = escapes.isWithin(start, end)
      if (!hasEscapes && cursors !== undefined && !cursors.some((cursor) => cursor.isWithin(start, end)))
        return false
      event.read(lines, start, end, hasEscapes)
      return isTrueOf(event)
    }
  }
}
