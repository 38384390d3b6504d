import '../parts/tabs.css'
import { Content, List, Root, Trigger } from '@radix-ui/react-tabs'
import type { SetupAnswer } from '../api/answers.ts'
import { CopiedText } from '../parts/copied-text.tsx'
import { CloudFormationSteps } from './cloudformation-steps.tsx'

interface Props {
  setup: SetupAnswer
  region: string
}

/** The same role as a CloudFormation template, as Terraform, as commands, and as policies. */
export function SetupTexts({ setup, region }: Props) {
  const narrowed = setup.narrowed_permissions_policy
  return (
    <Root defaultValue="cloudformation">
      <List className="tabs" aria-label="Ways to make the role">
        <Trigger value="cloudformation">CloudFormation</Trigger>
        <Trigger value="terraform">Terraform</Trigger>
        <Trigger value="commands">AWS commands</Trigger>
        <Trigger value="policies">Policies</Trigger>
      </List>
      <Content value="cloudformation" className="tab stack">
        <CloudFormationSteps setup={setup} region={region} />
      </Content>
      <Content value="terraform" className="tab stack">
        <CopiedText title="penstock-role.tf" text={setup.terraform} />
      </Content>
      <Content value="commands" className="tab stack">
        <CopiedText title="With the AWS command line" text={setup.aws_commands.join('\n\n')} />
      </Content>
      <Content value="policies" className="tab stack">
        <CopiedText
          title="Trust policy: Penstock's principal, with this project's token"
          text={json(setup.trust_policy)}
        />
        <CopiedText title="Permissions policy" text={json(setup.permissions_policy)} />
        {narrowed !== null && (
          <CopiedText title="In its place: the least, below the prefix alone" text={json(narrowed)} />
        )}
        {setup.kms_policy !== null && (
          <CopiedText title="Policy for the KMS key" text={json(setup.kms_policy)} />
        )}
      </Content>
    </Root>
  )
}

function json(policy: object): string {
  return JSON.stringify(policy, null, 2)
}
