import { expect, test } from 'vitest'
import type { Member } from '../store/member.ts'
import { planExport, type Selection } from './export-plan.ts'
import { LosingLines } from './losing-lines.ts'

const memberOf = (eventNames: string[] | null) => ({ eventNames, eventCount: 1 }) as Member
const members = [['Viewed'], ['Paid'], ['Viewed', 'Paid'], null].map(memberOf)

function kindsOf(selection: Selection, losing = new LosingLines(members)) {
  const { steps } = planExport({ members, losing, ...selection })
  return members.map((member) => steps.find((step) => step.member === member)?.kind ?? 'skip')
}

test.each<[string, Selection, string[]]>([
  ['everything', {}, ['copy', 'copy', 'copy', 'copy']],
  ['one name', { eventNames: new Set(['Viewed']) }, ['copy', 'skip', 'rewrite', 'rewrite']],
  ['an expression', { where: 'true' }, ['rewrite', 'rewrite', 'rewrite', 'rewrite']],
  [
    'a name and an expression',
    { eventNames: new Set(['Paid']), where: 'true' },
    ['skip', 'rewrite', 'rewrite', 'rewrite'],
  ],
])('%s: members are copied, opened or skipped', (_name, selection, kinds) => {
  expect(kindsOf(selection)).toEqual(kinds)
})

test('a member with a losing line is opened, unless none of it is wanted', () => {
  const losing = new LosingLines(members)
  losing.add(0, 0)
  expect(kindsOf({}, losing)).toEqual(['rewrite', 'copy', 'copy', 'copy'])
  expect(kindsOf({ eventNames: new Set(['Paid']) }, losing)[0]).toBe('skip')
})
