/** Migrates the database whose URL is the first argument: one of several processes that start at once. */
import { connectDatabase } from '../../src/control/db/connect-database.ts'
import { migrateDatabase } from '../../src/control/db/migrate.ts'

const connection = connectDatabase(process.argv[2] ?? '', {
  applicationName: 'migrate process',
  connectionsMax: 1,
})
await migrateDatabase(connection.pool)
await connection.close()
process.disconnect()
