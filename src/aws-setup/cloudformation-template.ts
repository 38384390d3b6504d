import { type AccountSetup, roleDescription, rolePolicies } from './account-setup.ts'

/**
 * The role and its policies as one CloudFormation template, in JSON. It names the role, so creating the stack needs
 * CAPABILITY_NAMED_IAM.
 */
export function cloudFormationTemplate(setup: AccountSetup): string {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: roleDescription,
    Resources: {
      PenstockExportRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: setup.roleName,
          Description: roleDescription,
          AssumeRolePolicyDocument: setup.trustPolicy,
          Policies: rolePolicies(setup).map(({ name, document }) => ({
            PolicyName: name,
            PolicyDocument: document,
          })),
        },
      },
    },
    Outputs: {
      RoleArn: {
        Description: 's3_role of the pipeline',
        Value: { 'Fn::GetAtt': ['PenstockExportRole', 'Arn'] },
      },
    },
  }
  return `${JSON.stringify(template, null, 2)}\n`
}
