/** An element: its name, and its text or its children. */
export type XmlNode = readonly [name: string, content: string | number | boolean | readonly XmlNode[]]

/** Writes a document with one root element, in a namespace where one is given. */
export function writeXml(root: XmlNode, namespace?: string): string {
  const [name, content] = root
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>${writeContent(content)}</${name}>`
}

/** The element where there is a value, nothing where there is none: spread it among the children. */
export function optionalXml(name: string, value: string | number | boolean | null | undefined): XmlNode[] {
  return value === undefined || value === null ? [] : [[name, value]]
}

function writeContent(content: XmlNode[1]): string {
  if (typeof content !== 'object') return escapeXml(String(content))
  return content.map(([name, inner]) => `<${name}>${writeContent(inner)}</${name}>`).join('')
}

function escapeXml(text: string): string {
  // Object keys may hold control characters, which AWS answers as character references.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character]
    return named ?? `&#x${character.charCodeAt(0).toString(16)};`
  })
}
