/** The two CRCs of S3 that Node does not have, a byte at a time by table. */
const table32c = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

const polynomial64 = 0x9a6c9329ac4bc9b5n
const table64 = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial64 : value >> 1n
  return value
})
// Two halves of 32 bits: arithmetic on bigints would be tens of times slower.
const table64High = Uint32Array.from(table64, (value) => Number(value >> 32n))
const table64Low = Uint32Array.from(table64, (value) => Number(value & 0xffff_ffffn))

/** CRC-32C (Castagnoli), continued from an earlier value. */
export function crc32c(data: Uint8Array, earlier = 0): number {
  let value = ~earlier
  for (const byte of data) value = (value >>> 8) ^ (table32c[(value ^ byte) & 0xff] ?? 0)
  return ~value >>> 0
}

/** CRC-64/NVME, as its upper and lower 32 bits, continued from an earlier value. */
export function crc64nvme(data: Uint8Array, earlier: readonly [number, number] = [0, 0]): [number, number] {
  let high = ~earlier[0]
  let low = ~earlier[1]
  for (const byte of data) {
    const index = (low ^ byte) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (table64Low[index] ?? 0)
    high = (high >>> 8) ^ (table64High[index] ?? 0)
  }
  return [~high >>> 0, ~low >>> 0]
}
