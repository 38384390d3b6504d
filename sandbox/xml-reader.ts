/** Reads the small documents that S3 clients send: elements and text, and nothing else that XML knows. */
export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  readonly text: string
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const token = /<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy

interface OpenElement {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

/** The root element, or null where the text is not such a document. */
export function readXml(source: string): XmlElement | null {
  const text = source.replace(/^\uFEFF?\s*(<\?xml[^>]*\?>)?/, '').trim()
  const root: OpenElement = { name: '', children: [], text: '' }
  const open = [root]
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (match === null || !take(match, open)) return null
  }
  return open.length === 1 && root.children.length === 1 && root.text.trim() === ''
    ? (root.children[0] ?? null)
    : null
}

/** The text of the one child of that name, or null. */
export function childText(element: XmlElement, name: string): string | null {
  const found = element.children.filter((child) => child.name === name)
  return found.length === 1 ? (found[0]?.text ?? null) : null
}

function take(match: RegExpExecArray, open: OpenElement[]): boolean {
  const [, closing = '', name = '', , selfClosing = '', characters] = match
  const current = open.at(-1)
  if (current === undefined) return false
  if (characters !== undefined) {
    const decoded = decodeText(characters)
    current.text += decoded ?? ''
    return decoded !== null
  }
  if (closing === '/') {
    open.pop()
    open.at(-1)?.children.push(current)
    return current.name === name && open.length > 0
  }
  if (selfClosing === '/') current.children.push({ name, children: [], text: '' })
  else open.push({ name, children: [], text: '' })
  return true
}

function decodeText(text: string): string | null {
  let isWellFormed = true
  const decoded = text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));|&/g, (_, hex, decimal, name) => {
    const codePoint = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : null
    const character =
      codePoint === null
        ? entities[name]
        : codePoint <= 0x10ffff
          ? String.fromCodePoint(codePoint)
          : undefined
    isWellFormed &&= character !== undefined
    return character ?? ''
  })
  return isWellFormed ? decoded : null
}
