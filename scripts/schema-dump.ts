/**
 * The schema of a database as readable SQL, the same whenever the schema is the same: tables by name with their
 * columns in order, constraints and indexes by name. PostgreSQL itself spells types, defaults and constraints.
 */
import type pg from 'pg'

export async function dumpSchema(pool: pg.Pool): Promise<string> {
  const columns = await readColumns(pool)
  const constraints = await readConstraints(pool)
  const indexes = await readIndexes(pool)
  const tables = [...new Set(columns.map((column) => column.table))]
  const blocks = tables.map((table) => {
    const lines = [
      ...columns.filter((column) => column.table === table).map(columnLine),
      ...constraints.filter((constraint) => constraint.table === table).map(constraintLine),
    ]
    const own = indexes.filter((index) => index.table === table).map(({ definition }) => `${definition};\n`)
    return `create table ${table} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n);\n${own.join('')}`
  })
  const others = await readOtherObjects(pool)
  return `${header}\n${[...blocks, ...others].join('\n')}`
}

const header = `-- Made by \`npm run schema\` from a database with every migration applied; migrations/ is what makes a schema.
-- Read it for the shape of today's tables; the reasons stand in the migrations.
`

interface Column {
  table: string
  name: string
  type: string
  notNull: boolean
  /** Expression of the default or of the generated value. */
  expression: string | null
  identity: '' | 'a' | 'd'
  generated: '' | 's' | 'v'
}

async function readColumns(pool: pg.Pool): Promise<Column[]> {
  const { rows } = await pool.query<Column>(`
    select class.relname as "table", attname as name, format_type(atttypid, atttypmod) as type,
      attnotnull as "notNull", pg_get_expr(adbin, adrelid) as expression,
      attidentity as identity, attgenerated as generated
    from pg_attribute
    join pg_class class on class.oid = attrelid and class.relkind in ('r', 'p')
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where class.relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
    order by class.relname collate "C", attnum`)
  return rows
}

function columnLine(column: Column): string {
  const parts = [column.name, column.type]
  if (column.identity !== '') {
    parts.push(`generated ${column.identity === 'a' ? 'always' : 'by default'} as identity`)
  } else if (column.generated !== '') {
    parts.push(
      `generated always as (${column.expression}) ${column.generated === 's' ? 'stored' : 'virtual'}`,
    )
  } else if (column.expression !== null) {
    parts.push(`default ${column.expression}`)
  }
  if (column.notNull) parts.push('not null')
  return parts.join(' ')
}

interface Constraint {
  table: string
  name: string
  definition: string
}

async function readConstraints(pool: pg.Pool): Promise<Constraint[]> {
  const { rows } = await pool.query<Constraint>(`
    select class.relname as "table", conname as name, pg_get_constraintdef(pg_constraint.oid, true) as definition
    from pg_constraint
    join pg_class class on class.oid = conrelid
    -- 'n' is not null, which stands with its column.
    where connamespace = 'public'::regnamespace and contype <> 'n'
    order by class.relname collate "C", position(contype::text in 'pufcx'), conname collate "C"`)
  return rows
}

function constraintLine({ name, definition }: Constraint): string {
  return `constraint ${name} ${definition}`
}

interface Index {
  table: string
  definition: string
}

/** Without those that a constraint brings with it. */
async function readIndexes(pool: pg.Pool): Promise<Index[]> {
  const { rows } = await pool.query<Index>(`
    select class.relname as "table", pg_get_indexdef(indexrelid, 0, true) as definition
    from pg_index
    join pg_class class on class.oid = indrelid
    join pg_class index on index.oid = indexrelid
    where class.relnamespace = 'public'::regnamespace
      and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
    order by class.relname collate "C", index.relname collate "C"`)
  return rows.map(({ table, definition }) => ({ table, definition: definition.replaceAll('public.', '') }))
}

/** Sequences that no identity owns, views, functions, triggers and types: whatever a later migration may bring. */
async function readOtherObjects(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ definition: string }>(`
    select 'create sequence ' || relname || ';' as definition from pg_class sequence
    where relkind = 'S' and relnamespace = 'public'::regnamespace
      and not exists (select from pg_depend where objid = sequence.oid and deptype = 'i')
    union all
    select 'create view ' || relname || ' as ' || pg_get_viewdef(oid, true) from pg_class
    where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
    union all
    select pg_get_functiondef(oid) || ';' from pg_proc
    where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
    union all
    select pg_get_triggerdef(pg_trigger.oid, true) || ';' from pg_trigger
    join pg_class class on class.oid = tgrelid
    where not tgisinternal and class.relnamespace = 'public'::regnamespace
    union all
    select 'create type ' || typname || ' as enum (' || (
      select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum
      where enumtypid = pg_type.oid) || ');' from pg_type
    where typtype = 'e' and typnamespace = 'public'::regnamespace
    order by definition`)
  return rows.map(({ definition }) => `${definition}\n`)
}
