import { expect, test } from 'vitest'
import { earlierThan, shownRange } from './shown-range.ts'

const years = { from_date: '2012-01-15', to_date: '2024-03-01' }

test('daily folders are shown by six months, of however many years', () => {
  expect(shownRange({ ...years, frequency: 'daily' }, undefined)).toEqual({
    from: '2023-10-01',
    to: '2024-03-31',
    months: 6,
  })
  expect(shownRange({ ...years, frequency: 'daily' }, '2020-02')).toMatchObject({
    from: '2020-02-01',
    to: '2020-07-31',
  })
})

test('hourly folders are shown by the 31 days that end today, or by a month', () => {
  const newest = shownRange({ ...years, frequency: 'hourly' }, undefined)
  expect(newest).toEqual({ from: '2024-01-31', to: '2024-03-01', months: 1 })
  expect(earlierThan(newest)).toBe('2024-01-01')
  const february = shownRange({ ...years, frequency: 'hourly' }, '2024-02')
  expect(february).toMatchObject({ from: '2024-02-01', to: '2024-02-29' })
  expect(earlierThan(february)).toBe('2024-01-01')
})

test('nothing is shown of before the pipeline, nor of months that are yet to begin', () => {
  const young = { from_date: '2024-02-10', to_date: '2024-03-01', frequency: 'daily' as const }
  expect(shownRange(young, undefined)).toMatchObject({ from: '2024-02-01', to: '2024-03-31' })
  expect(shownRange({ ...years, frequency: 'daily' }, '2001-01').from).toBe('2012-01-01')
})
