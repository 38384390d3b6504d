import { useQuery } from '@tanstack/react-query'
import { setupQuery } from '../api/pipeline-calls.ts'
import { Failure } from '../parts/failure.tsx'
import { Field } from '../parts/field.tsx'
import { Loading } from '../parts/loading.tsx'
import { useSettled } from '../parts/use-settled.ts'
import { useProject } from '../shell/current-project.ts'
import { roleOf, type SectionProps, setupParameters } from './draft.ts'
import { SetupTexts } from './setup-texts.tsx'

const typedMs = 400

/** The role that lets Penstock in, in every form in which one can make it. */
export function RoleSection({ draft, problems, onChange }: SectionProps) {
  const { projectId } = useProject()
  const parameters = useSettled(setupParameters(draft), typedMs)
  const setup = useQuery({
    ...setupQuery({ project_id: projectId, ...parameters }),
    enabled: parameters !== undefined,
  })
  return (
    <section className="card" aria-labelledby="role-title">
      <header>
        <h2 id="role-title">Let Penstock in</h2>
        <span className="soft">a role in the bucket's account; no key of it leaves the account</span>
      </header>
      <div className="body stack">
        <div className="fields">
          <Field
            label="AWS account of the bucket"
            mono
            inputMode="numeric"
            value={draft.account}
            onChange={({ target }) => onChange({ account: target.value.replaceAll(/[\s-]/g, '') })}
            problem={problems.account}
            placeholder="222222222222"
          />
          <Field
            label="Name of the role"
            mono
            value={draft.roleName}
            onChange={({ target }) => onChange({ roleName: target.value.trim() })}
            problem={problems.roleName}
            hint="With its path, where it has one."
          />
        </div>
        <p className="soft">
          Role: <code className="break">{roleOf(draft) ?? '…'}</code>
        </p>
        {parameters === undefined ? (
          <p className="soft">
            With a bucket and its region, everything that the account has to grant stands here to copy.
          </p>
        ) : setup.isError ? (
          <Failure failure={setup.error} again={setup.refetch} />
        ) : setup.data === undefined ? (
          <Loading what="the policies" />
        ) : (
          <SetupTexts setup={setup.data} region={draft.region} />
        )}
      </div>
    </section>
  )
}
