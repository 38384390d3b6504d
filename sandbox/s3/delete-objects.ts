/** DeleteObjects: up to 1,000 keys, each with its own permission and its own answer. */
import { type Answer, AwsError } from '../answer.ts'
import { writeXml, type XmlNode } from '../xml.ts'
import { childText } from '../xml-reader.ts'
import { s3Namespace } from './list-objects.ts'
import { invalidRequest } from './refusals.ts'
import { objectArn, requireAllowed, type S3Context } from './s3-context.ts'
import { malformedXml, receiveXml } from './xml-body.ts'

const keyCountMax = 1000

export async function deleteObjects(context: S3Context): Promise<Answer> {
  const { root, received } = await receiveXml(context, 'Delete')
  if (!received.checksumWasSent && !context.request.headers.has('content-md5')) {
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
  }
  const quiet = childText(root, 'Quiet') === 'true'
  const keys = root.children
    .filter(({ name }) => name === 'Object')
    .map((element) => childText(element, 'Key'))
  if (keys.length === 0 || keys.length > keyCountMax) throw malformedXml()
  const results = keys.flatMap((key) => deleteOne(context, key ?? '', quiet))
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: writeXml(['DeleteResult', results], s3Namespace),
  }
}

function deleteOne(context: S3Context, key: string, quiet: boolean): XmlNode[] {
  if (key === '') throw malformedXml()
  try {
    requireAllowed(context, 's3:DeleteObject', objectArn(context.bucket, key))
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const described: XmlNode[] = [
      ['Key', key],
      ['Code', error.code],
      ['Message', error.message],
    ]
    return [['Error', described]]
  }
  context.state.objects.delete(context.bucket.name, key)
  return quiet ? [] : [['Deleted', [['Key', key]]]]
}
