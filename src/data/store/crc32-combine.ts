/**
 * CRC32 of two joined pieces from the CRC32 of each, without reading them: appending a zero byte is a linear map over
 * GF(2), so appending `length` of them is that map raised to a power. The method is zlib's (crc32_combine).
 */
type Matrix = Uint32Array

const polynomial = 0xedb88320

/** squares[k] appends 2^k zero bytes. */
const squares: Matrix[] = []

export function crc32Combine(first: number, second: number, secondLength: number): number {
  let crc = first
  for (let power = 0, length = secondLength; length > 0; power++, length = Math.floor(length / 2)) {
    if (length % 2 === 1) crc = multiply(appendZeros(power), crc)
  }
  return (crc ^ second) >>> 0
}

function appendZeros(power: number): Matrix {
  const known = squares[power]
  if (known !== undefined) return known
  const made = power === 0 ? oneZeroByte() : square(appendZeros(power - 1))
  squares[power] = made
  return made
}

/** Three squarings of the map that appends one zero bit. */
function oneZeroByte(): Matrix {
  const oneBit = new Uint32Array(32)
  oneBit[0] = polynomial
  for (let bit = 1; bit < 32; bit++) oneBit[bit] = 2 ** (bit - 1)
  return square(square(square(oneBit)))
}

function square(matrix: Matrix): Matrix {
  return matrix.map((column) => multiply(matrix, column))
}

function multiply(matrix: Matrix, vector: number): number {
  let product = 0
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) {
    if ((rest & 1) === 1) product ^= matrix[bit] ?? 0
  }
  return product >>> 0
}
