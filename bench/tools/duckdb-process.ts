/** DuckDB in a process of its own, as its command line is: runs the statements of its argument, a JSON list. */
import { loadBenchPackage } from './bench-packages.ts'

/** What of the package is used. */
interface DuckDb {
  DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<{ run(sql: string): Promise<unknown> }> }>
  }
}

const { DuckDBInstance } = await loadBenchPackage<DuckDb>('@duckdb/node-api')
const connection = await (await DuckDBInstance.create(':memory:')).connect()
for (const statement of JSON.parse(process.argv[2] ?? '[]') as string[]) await connection.run(statement)
