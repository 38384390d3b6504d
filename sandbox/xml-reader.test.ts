import { describe, expect, test } from 'vitest'
import { writeXml } from './xml.ts'
import { childText, readXml } from './xml-reader.ts'

describe('XML', () => {
  test('is read as it was written, with characters that XML gives a meaning', () => {
    const key = 'a <b> & "c" \u0001 é 🎉'
    const root = readXml(
      writeXml(['Delete', [['Object', [['Key', key]]]]], 'http://s3.amazonaws.com/doc/2006-03-01/'),
    )
    expect(root?.name).toBe('Delete')
    expect(childText(root?.children[0] ?? { name: '', children: [], text: '' }, 'Key')).toBe(key)
  })

  test.each([
    ['ends early', '<Delete><Object>'],
    ['closes another element', '<Delete></Object>'],
    ['has two roots', '<a/><b/>'],
    ['has text outside', '<a/>text'],
    ['has an unknown entity', '<a>&nbsp;</a>'],
    ['has a bare ampersand', '<a>b & c</a>'],
    ['declares a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['is empty', ''],
  ])('that %s is refused', (_, text) => {
    expect(readXml(text)).toBeNull()
  })

  test('has no text for a child that is there twice', () => {
    const root = readXml('<Part><ETag>1</ETag><ETag>2</ETag></Part>')
    expect(root && childText(root, 'ETag')).toBeNull()
  })
})
