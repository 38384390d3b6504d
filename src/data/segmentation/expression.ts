/** A segmentation expression as its parser leaves it. `at` is where a part begins in the text, for messages. */

export const functionNames = [
  'boolean',
  'number',
  'string',
  'floor',
  'round',
  'ceil',
  'defined',
  'datetime',
] as const
export type FunctionName = (typeof functionNames)[number]

/** What `event["…"]` may name. */
export const eventFields = ['$time', '$event_name', '$distinct_id', '$insert_id'] as const
type EventField = (typeof eventFields)[number]

type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type BinaryOperator = ComparisonOperator | ArithmeticOperator | 'in'

/** What can be written in an expression; a list is of these again. */
export type Literal = string | number | boolean | Literal[]

export type Expression =
  | { kind: 'literal'; value: Literal; at: number }
  | { kind: 'property'; name: string; at: number }
  /** Of the profile of the user whom the event is of. */
  | { kind: 'user'; name: string; at: number }
  | { kind: 'event'; field: EventField; at: number }
  | { kind: 'negative' | 'not'; operand: Expression; at: number }
  | { kind: 'call'; name: FunctionName; argument: Expression; at: number }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression; at: number }
  /** Two operands or more: a chain of thousands stays flat. `at` is the first operator's place. */
  | { kind: 'and' | 'or'; operands: Expression[]; at: number }
