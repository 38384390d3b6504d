export const kmsActionNames = [
  'DescribeKey',
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncrypt',
] as const

export type KmsAction = (typeof kmsActionNames)[number]
