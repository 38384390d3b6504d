import { PenstockError } from '../../errors/penstock-error.ts'

/** A request that can't be answered as it is, with the HTTP status that says so. */
export class RequestError extends PenstockError {
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super('caller', code, message)
    this.status = status
  }
}

export function badRequest(message: string): RequestError {
  return new RequestError(400, 'PIPELINE_PARAMETER_REFUSED', message)
}
