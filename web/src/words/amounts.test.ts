import { expect, test } from 'vitest'
import { duration, percent, shortCount, size } from './amounts.ts'

test('percent is 100 only when it is all', () => {
  expect([percent(0, 0), percent(0, 9), percent(999_999, 1_000_000), percent(9, 9)]).toEqual([0, 0, 99, 100])
})

test('a short count never says more than there is', () => {
  expect([0, 999, 1000, 1999, 12_345, 999_999, 1_500_000].map(shortCount)).toEqual([
    '0',
    '999',
    '1k',
    '1.9k',
    '12k',
    '999k',
    '1.5M',
  ])
})

test('sizes are decimal, as S3 counts them', () => {
  expect([0, 999, 5120, 12_345_678, 4_000_000_000_000].map(size)).toEqual([
    '0 B',
    '999 B',
    '5.12 kB',
    '12.3 MB',
    '4.00 TB',
  ])
})

test('durations have two units at most', () => {
  expect([0.2, 45, 600, 7500, 187_200].map(duration)).toEqual([
    'under 1 s',
    '45 s',
    '10 min',
    '2 h 5 min',
    '2 d 4 h',
  ])
})
