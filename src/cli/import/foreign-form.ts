/** Forms that are taken for lines of JSON by mistake, by their first bytes. */
const forms: { name: string; magic: number[] }[] = [
  { name: 'a zip archive', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
  { name: 'UTF-16 text', magic: [0xff, 0xfe] },
  { name: 'UTF-16 text', magic: [0xfe, 0xff] },
]

/** As many bytes as it takes to tell every form. */
export const magicBytesMax = 5

export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** The name of a form that can't be imported; undefined where it may be JSON. */
export function foreignForm(head: Buffer): string | undefined {
  return forms.find(({ magic }) => magic.every((value, index) => head[index] === value))?.name
}
