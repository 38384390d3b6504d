/** A line begins with its name, so that it can be read without parsing the line: `{"event":"Signed Up",`. */
const nameAt = '{"event":'.length
const quote = '"'.charCodeAt(0)
const backslash = '\\'.charCodeAt(0)

/**
 * Reads the name of the line that begins at an offset. Neighbours mostly have the same one, so it is parsed only where
 * the bytes differ from those of the line that was read before.
 * @param names of the lines, where they are known
 */
export function createNameReader(
  lines: Uint8Array,
  names: readonly string[] | null,
): (start: number) => string {
  const [only] = names ?? []
  if (names?.length === 1 && only !== undefined) return () => only
  const text = new TextDecoder()
  let before = new Uint8Array()
  let name = ''
  return (start) => {
    const from = start + nameAt
    if (!startsWith(lines, from, before)) {
      before = lines.slice(from, endOfText(lines, from))
      name = JSON.parse(text.decode(before)) as string
    }
    return name
  }
}

/** A text in quotes never begins with another one. */
function startsWith(lines: Uint8Array, from: number, quoted: Uint8Array): boolean {
  if (quoted.length === 0) return false
  for (let index = 0; index < quoted.length; index++) if (lines[from + index] !== quoted[index]) return false
  return true
}

/** Where the JSON text that begins with a quote at `from` ends. */
function endOfText(lines: Uint8Array, from: number): number {
  let at = from + 1
  while (at < lines.length && lines[at] !== quote) at += lines[at] === backslash ? 2 : 1
  return at + 1
}
