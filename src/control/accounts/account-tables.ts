import type { Generated, GeneratedAlways } from 'kysely'
import type { ProjectId } from '../../ids.ts'
import type { Role } from './roles.ts'

export interface AccountTables {
  service_account: ServiceAccountTable
  service_account_role: ServiceAccountRoleTable
}

interface ServiceAccountTable {
  id: GeneratedAlways<number>
  name: string
  username: string
  /** SHA-256 of the secret: the secret itself is nowhere. */
  secret_hash: Buffer
  created_at: Generated<Date>
}

interface ServiceAccountRoleTable {
  service_account_id: number
  project_id: ProjectId
  role: Role
}
