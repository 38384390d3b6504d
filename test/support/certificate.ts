import { writeFile } from 'node:fs/promises'
import { generate } from 'selfsigned'

/** A certificate of its own authority for 127.0.0.1 and localhost, as PEM. */
export async function makeCertificate(name: string): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}

export async function writeCertificate(
  { cert, key }: { cert: string; key: string },
  files: { cert: string; key: string },
): Promise<void> {
  await writeFile(files.key, key)
  await writeFile(files.cert, cert)
}
