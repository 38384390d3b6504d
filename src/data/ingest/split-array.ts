/** Cuts the text of a valid JSON array into its elements' texts. */
export function splitArray(json: string): string[] {
  const elements: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < json.length; index++) {
    const character = json[index]
    if (character === '"') index = endOfString(json, index)
    else if (character === '[' || character === '{') {
      depth += 1
      if (depth === 1) start = index + 1
    } else if (character === ']' || character === '}') {
      depth -= 1
      if (depth === 0) elements.push(json.slice(start, index))
    } else if (character === ',' && depth === 1) {
      elements.push(json.slice(start, index))
      start = index + 1
    }
  }
  return elements.length === 1 && elements[0]?.trim() === '' ? [] : elements
}

/**
 * Index of the quote that closes the string opened at `open`: the next one behind an even number of backslashes. -1 where
 * there is none.
 */
export function endOfString(json: string, open: number): number {
  let close = json.indexOf('"', open + 1)
  while (close !== -1 && backslashesBefore(json, close) % 2 === 1) close = json.indexOf('"', close + 1)
  return close
}

function backslashesBefore(json: string, index: number): number {
  let count = 0
  while (json[index - 1 - count] === '\\') count += 1
  return count
}
