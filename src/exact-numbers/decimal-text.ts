/** One spelling for each decimal value: `-0.50e1` and `-5` give the same text. Other text comes back as it is. */
export function canonicalDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  if (!Number.isSafeInteger(exponent)) return text
  const digits = whole + fraction
  const first = firstNonZero(digits)
  if (first === digits.length) return '0'
  const end = endOfNonZero(digits)
  return `${sign}${digits.slice(first, end)}e${exponent - fraction.length + (digits.length - end)}`
}

// Loops, not /0+$/: that expression takes quadratic time on a client's million zeros.
function firstNonZero(digits: string): number {
  let index = 0
  while (digits[index] === '0') index += 1
  return index
}

function endOfNonZero(digits: string): number {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return end
}
