/** S3 wants CRC32 as the base64 of its four bytes, most significant first. */
export function crc32Header(crc32: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32)
  return bytes.toString('base64')
}
