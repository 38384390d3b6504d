/** Alert rules and the dashboard ask for what Penstock shows, and the guide says what to do about each alert. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { registerBacklogGauges } from '../../src/telemetry/backlog-gauges.ts'
import { registerDiskGauge } from '../../src/telemetry/disk-gauge.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { labelsIn, seriesIn } from '../support/promql.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
})
const { groups } = z
  .object({ groups: z.array(z.object({ rules: z.array(rule) })) })
  .parse(parse(read('deploy/prometheus/penstock-alerts.yml')))
const rules = groups.flatMap((group) => group.rules)

const dashboard = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
    templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
  })
  .parse(JSON.parse(read('deploy/grafana/penstock-dashboard.json')))
/** Grafana puts numbers in place of its variables. */
const panels = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({ title, expr: expr.replaceAll(/\$(write|read)_price/g, '0.005') })),
)
const expressions = [...rules.map(({ expr }) => expr), ...panels.map(({ expr }) => expr)]

/** What the program registers, by the same functions as it does. */
async function shownMetrics(): Promise<Map<string, string[]>> {
  const { registry } = createMetrics(() => 0)
  const away = async () => Promise.reject(new Error('away'))
  registerBacklogGauges(registry, { nowMs: () => 0 }, away)
  registerDiskGauge(registry, root)
  const shown = new Map<string, string[]>()
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    const metric = registry.getSingleMetric(name) as unknown as { labelNames: string[] }
    const suffixes = String(type) === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']
    for (const suffix of suffixes) shown.set(`${name}${suffix}`, [...metric.labelNames, 'le'])
  }
  return shown
}

test('each series that a rule or a panel asks for is one that Penstock shows, with the labels that it has', async () => {
  const shown = await shownMetrics()
  const ofPrometheus = ['up']
  const ofScrapes = ['job', 'instance']
  for (const expression of expressions) {
    const series = seriesIn(expression)
    expect(series.length, expression).toBeGreaterThan(0)
    expect(series.filter((name) => !shown.has(name) && !ofPrometheus.includes(name))).toEqual([])
    const labels = [...ofScrapes, ...series.flatMap((name) => shown.get(name) ?? [])]
    expect(
      labelsIn(expression).filter((label) => !labels.includes(label)),
      expression,
    ).toEqual([])
  }
})

test("each metric of Penstock's own is on the dashboard and in the guide", async () => {
  const guide = read('docs/guides/operate.md')
  const asked = new Set(panels.flatMap(({ expr }) => seriesIn(expr)))
  const own = [...(await shownMetrics()).keys()].filter((name) => name.startsWith('penstock_'))
  const bare = new Set(own.map((name) => name.replace(/_(bucket|count|sum)$/, '')))
  const onDashboard = (name: string) => [...asked].some((series) => series.startsWith(name))
  expect([...bare].filter((name) => !onDashboard(name))).toEqual([])
  expect([...bare].filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
})

test('the guide has a section for each alert, and for no other', () => {
  const alerts = /\n## Alerts\n(.*?)\n## /s.exec(read('docs/guides/operate.md'))?.[1] ?? ''
  const headings = [...alerts.matchAll(/^### (\w+)$/gm)].map(([, heading = '']) => heading)
  expect(headings.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted())
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook).toBe(`docs/guides/operate.md#${alert.toLowerCase()}`)
  }
})

test('what is no PromQL and what no process shows is found', () => {
  expect(() => seriesIn('max(penstock_runs')).toThrow('no PromQL')
  expect(seriesIn('max by (state) (rate(penstock_runs{state="x"}[5m])) > other')).toEqual([
    'penstock_runs',
    'other',
  ])
  expect(labelsIn('max by (state) (penstock_runs{kind="x"})').toSorted()).toEqual(['kind', 'state'])
})
