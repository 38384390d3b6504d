import { partitionOf } from '../../../src/http/contract/aws-names.ts'
import type { SetupAnswer } from '../api/answers.ts'
import { CopiedText } from '../parts/copied-text.tsx'

interface Props {
  setup: SetupAnswer
  region: string
}

const fileName = 'penstock-role.json'
const consoles = {
  aws: (region: string) => `https://${region}.console.aws.amazon.com`,
  'aws-cn': (region: string) => `https://${region}.console.amazonaws.cn`,
  'aws-us-gov': (region: string) => `https://${region}.console.amazonaws-us-gov.com`,
}

/**
 * The template, and the way to AWS's own page for it. AWS fills that page in from a template in S3 alone, and Penstock puts
 * no file there for it: so the template is saved here and chosen there.
 */
export function CloudFormationSteps({ setup, region }: Props) {
  const origin = consoles[partitionOf(region)](region)
  const url = `${origin}/cloudformation/home?region=${region}#/stacks/create`
  return (
    <>
      <ol className="steps-list">
        <li>
          <button type="button" onClick={() => save(setup.cloudformation)}>
            Save the template
          </button>
        </li>
        <li>
          <a href={url} target="_blank" rel="noreferrer">
            Open “Create stack” in the AWS console
          </a>
          , choose <em>Upload a template file</em> and the file {fileName}.
        </li>
        <li>
          Acknowledge that it makes a named role. The stack's output RoleArn is the role of this pipeline.
        </li>
      </ol>
      <p className="soft">
        AWS fills its page in by a link from templates in S3 alone; this one has your names in it, so it goes
        through your hands.
      </p>
      <CopiedText title={fileName} text={setup.cloudformation} />
    </>
  )
}

function save(template: string): void {
  const url = URL.createObjectURL(new Blob([template], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}
