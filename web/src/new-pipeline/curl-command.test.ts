import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { curlCommand } from './curl-command.ts'

/** The fields that a shell hands to curl. */
function fieldsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`
  const given = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { API_SECRET: 'secret' } })
  return given.split('\0').filter((argument) => argument.includes('='))
}

test('a shell gives every value as it was typed', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(value, (where) => {
      expect(fieldsOf(curlCommand('http://127.0.0.1:8080/create', { type: 's3-raw', where }))).toEqual([
        'type=s3-raw',
        `where=${where}`,
      ])
    }),
    { numRuns: 30 },
  )
})

test('a list is a repeated field', () => {
  expect(fieldsOf(curlCommand('http://x/', { events: ["it's", 'b'] }))).toEqual(["events=it's", 'events=b'])
})
