/** Customers' buckets and roles. */
import { z } from 'zod'
import { flag, type Setting, setting, wholeNumber } from './setting.ts'

const principalArn = z
  .string()
  .regex(/^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:(root|(user|role)\/[\x21-\x7e]+)$/, {
    error: 'must be the ARN of an IAM user or role, like arn:aws:iam::111111111111:role/penstock',
  })

export const destinations = {
  s3PathStyle: setting(
    'PENSTOCK_S3_PATH_STYLE',
    flag,
    false,
    'true for S3-compatible destinations that want the bucket in the path',
  ),
  plainHttpEndpoints: setting(
    'PENSTOCK_ALLOW_PLAIN_HTTP_ENDPOINTS',
    flag,
    false,
    'true lets AWS endpoints beyond loopback be http://',
  ),
  awsPrincipalArn: setting(
    'PENSTOCK_AWS_PRINCIPAL_ARN',
    principalArn,
    undefined,
    'the principal that customers trust; without it STS is asked who this process is',
  ),
  trustCheck: setting(
    'PENSTOCK_TRUST_CHECK',
    z.enum(['warn', 'refuse'], { error: 'must be warn or refuse' }),
    'warn',
    'what is done about roles that can be assumed without the external ID',
  ),
  assumeRoleSessionSeconds: setting(
    'PENSTOCK_ASSUME_ROLE_SESSION_SECONDS',
    wholeNumber(900, 43_200),
    3600,
    "length of a session of a customer's role",
  ),
  connectionTestsMax: setting(
    'PENSTOCK_CONNECTION_TESTS_MAX',
    wholeNumber(1, 1000),
    16,
    'connection tests that the API runs at once; one more is answered 429',
  ),
  connectionTestsPerProjectMax: setting(
    'PENSTOCK_CONNECTION_TESTS_PER_PROJECT_MAX',
    wholeNumber(1, 1000),
    2,
    'of these, those of one project',
  ),
} as const satisfies Record<string, Setting>
