import { expect, test } from 'vitest'
import { parseBasic } from './basic-credentials.ts'

const encode = (text: string) => Buffer.from(text).toString('base64')

test.each([
  [`Basic ${encode('user:secret')}`, 'user', 'secret'],
  [`basic   ${encode('user:')} `, 'user', ''],
  [`Basic ${encode('user:a:b')}`, 'user', 'a:b'],
  [`Basic ${encode('üser:sécret')}`, 'üser', 'sécret'],
  ['Basic user:secret', 'user', 'secret'],
  ['Basic user:', 'user', ''],
  ['Basic :', '', ''],
  [`Basic ${encode('0123456789abcdef0123456789abcdef')}`, '0123456789abcdef0123456789abcdef', ''],
])('%s', (header, user, password) => {
  expect(parseBasic(header)).toEqual({ user, password })
})

test.each([
  [undefined],
  [''],
  ['Basic'],
  ['Basic '],
  ['Bearer abc:def'],
  [`Basic ${encode('no colon')}`],
  ['Basic !!!'],
  [encode('user:secret')],
])('%s holds no credentials', (header) => {
  expect(parseBasic(header)).toBeUndefined()
})
