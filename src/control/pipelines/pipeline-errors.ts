import { PenstockError } from '../../errors/penstock-error.ts'

/** The project has no pipeline of this name; whether another has one doesn't show. */
export function pipelineUnknown(name: string): PenstockError {
  return new PenstockError(
    'caller',
    'PIPELINE_UNKNOWN',
    `name ${JSON.stringify(name)} is not a pipeline of this project; jobs lists those that are`,
  )
}

/** A parameter of a request is not possible; `message` says which, what was found, and what is. */
export function parameterRefused(message: string): PenstockError {
  return new PenstockError('caller', 'PIPELINE_PARAMETER_REFUSED', message)
}

/** The project has as many pipelines as the settings allow. */
export function limitReached(message: string): PenstockError {
  return new PenstockError('caller', 'PIPELINE_LIMIT_REACHED', message)
}

/** What an owner can't do to a trial. */
export function trialFixed(message: string): PenstockError {
  return new PenstockError('caller', 'PIPELINE_TRIAL_FIXED', message)
}

/** A trial's selection is every event. */
export function trialNotEdited(name: string): PenstockError {
  return trialFixed(`${name} is a trial, which exports every event; create a pipeline with events or where`)
}

/** Another pipeline writes to the same folders. */
export function foldersTaken(message: string): PenstockError {
  return new PenstockError('caller', 'PIPELINE_FOLDERS_TAKEN', message)
}
