/** The parts of an ARN. `resource` is everything after the fifth colon. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/** The parts of an ARN, or null where the text is none. */
export function parseArn(text: string): Arn | null {
  const [scheme, partition = '', service = '', region = '', account = '', ...rest] = text.split(':')
  const resource = rest.join(':')
  if (scheme !== 'arn' || partition === '' || service === '' || resource === '') return null
  return { partition, service, region, account, resource }
}

/** The partition that a region belongs to: part of the ARN of everything in it. */
export function partitionOfRegion(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return 'aws'
}
