import type { Generated } from 'kysely'
import type { AccountTables } from '../accounts/account-tables.ts'
import type { SessionTables } from '../accounts/session-tables.ts'
import type { FolderTables } from '../folders/folder-tables.ts'
import type { LimitTables } from '../limits/limit-tables.ts'
import type { NotificationTables } from '../notifications/notification-tables.ts'
import type { PipelineTables } from '../pipelines/pipeline-tables.ts'
import type { ProfileTables } from '../profiles/profile-tables.ts'
import type { ProjectTables } from '../projects/project-tables.ts'
import type { RefusalTables } from '../projects/refusal-tables.ts'
import type { SetupTables } from '../projects/setup-tables.ts'
import type { RunTables } from '../runs/run-tables.ts'

/** Every table of the control plane. Each domain describes its own beside its queries. */
export interface Database
  extends ProjectTables,
    AccountTables,
    SessionTables,
    RefusalTables,
    SetupTables,
    PipelineTables,
    RunTables,
    FolderTables,
    NotificationTables,
    LimitTables,
    ProfileTables {
  migration: MigrationTable
}

/** What migrate.ts has applied. */
interface MigrationTable {
  number: number
  name: string
  /** SHA-256 of the file, hexadecimal. */
  checksum: string
  applied_at: Generated<Date>
  /** Programs that don't have the migration, but have this one, go on working; null: none does. */
  oldest_program: number | null
}
