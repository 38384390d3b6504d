/**
 * Does the text match a pattern in which `*` stands for any run of characters and `?` for any one?
 * Linear in the text for each star: a policy must not be able to hang the sandbox as a regular expression could.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let [patternAt, textAt, starAt, resumeAt] = [0, 0, -1, 0]
  while (textAt < text.length) {
    const expected = pattern[patternAt]
    if (expected === '*') {
      starAt = patternAt++
      resumeAt = textAt
    } else if (expected === '?' || expected === text[textAt]) {
      patternAt++
      textAt++
    } else if (starAt >= 0) {
      patternAt = starAt + 1
      textAt = ++resumeAt
    } else {
      return false
    }
  }
  while (pattern[patternAt] === '*') patternAt++
  return patternAt === pattern.length
}
