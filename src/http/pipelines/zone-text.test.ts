import { expect, test } from 'vitest'
import { loggedTexts } from './zone-text.ts'

test.each([
  ['UTC', '2024-01-02 03:04:05.678 +0000 UTC'],
  ['US/Pacific', '2024-01-01 19:04:05.678 -0800 PST'],
  ['Asia/Kolkata', '2024-01-02 08:34:05.678 +0530 +0530'],
  ['Europe/Berlin', '2024-01-02 04:04:05.678 +0100 +0100'],
])('a logged time in %s', (timeZone, text) => {
  expect(loggedTexts(timeZone)(Date.parse('2024-01-02T03:04:05.678Z'))).toBe(text)
})

test('a fraction is as short as it can be', () => {
  const textOf = loggedTexts('UTC')
  expect(textOf(Date.parse('2024-01-02T03:04:00.500Z'))).toBe('2024-01-02 03:04:00.5 +0000 UTC')
  expect(textOf(Date.parse('2024-01-02T03:04:00.000Z'))).toBe('2024-01-02 03:04:00 +0000 UTC')
})
