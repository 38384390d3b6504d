import { accountSetup } from '../../aws-setup/account-setup.ts'
import { partitionOf } from '../contract/aws-names.ts'
import {
  defaultRoleName,
  type SetupQuery,
  setupAnswer,
  setupDocument,
  setupQuery,
} from '../contract/aws-setup.ts'
import type { PipelineProject } from './authenticate.ts'
import { type PipelineApp, type PipelineDeps, projectOf } from './pipeline-app.ts'

/** `setup`: what the customer's account has to grant, filled in for one project and destination. */
export function setupRoute(app: PipelineApp, { principalArn }: PipelineDeps): void {
  const setup = async (project: PipelineProject, query: SetupQuery) => {
    const grants = {
      partition: partitionOf(query.s3_region),
      bucket: query.s3_bucket,
      prefix: query.s3_prefix ?? null,
      kmsKeyArn: query.s3_kms_key_id ?? null,
      principalArn: await principalArn(),
      externalId: project.token,
    }
    return setupDocument(accountSetup(grants, query.role_name ?? defaultRoleName))
  }
  const response = { 200: setupAnswer }
  app.get('/setup', { schema: { querystring: setupQuery, response } }, (request) =>
    setup(projectOf(request), request.query),
  )
}
