import { AwsError } from '../answer.ts'
import { readXml, type XmlElement } from '../xml-reader.ts'
import { type ReceivedBody, receiveBody } from './receive-body.ts'
import type { S3Context } from './s3-context.ts'

const xmlBytesMax = 2 * 1024 * 1024

/** Reads and verifies a body that must be one XML document with that root. */
export async function receiveXml(
  context: S3Context,
  rootName: string,
): Promise<{ root: XmlElement; received: ReceivedBody }> {
  const chunks: Buffer[] = []
  const received = await receiveBody(context, (chunk) => chunks.push(chunk), xmlBytesMax)
  const root = readXml(Buffer.concat(chunks).toString())
  if (root?.name !== rootName) throw malformedXml()
  return { root, received }
}

export function malformedXml(): AwsError {
  return new AwsError(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )
}
