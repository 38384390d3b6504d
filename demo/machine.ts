import { join } from 'node:path'

/**
 * Takes this machine's own settings of Penstock and AWS out of the environment: the demo must neither use nor touch a
 * database, a bucket or an account that somebody works with.
 * @param folder where no configuration of AWS is
 */
export function forgetMachineSettings(folder: string): void {
  for (const name of Object.keys(process.env)) {
    if (/^(PENSTOCK|AWS)_/.test(name)) delete process.env[name]
  }
  process.env.AWS_CONFIG_FILE = join(folder, 'no-aws-config')
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, 'no-aws-credentials')
  process.env.AWS_EC2_METADATA_DISABLED = 'true'
}
