/** The known name that a misspelt one most likely means, or undefined when none is near. */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(misspelt.length / 4))
  let nearest: string | undefined
  let nearestDistance = limit + 1
  for (const name of known) {
    const distance = editDistance(misspelt.toLowerCase(), name.toLowerCase())
    if (distance < nearestDistance) {
      nearest = name
      nearestDistance = distance
    }
  }
  return nearest
}

/** Levenshtein distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[right.length] ?? 0
}
