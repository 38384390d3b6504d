// The layer rule of docs/architecture.md: data flows one way, and the two planes meet in src/workflows only.
const stages = ['ingest', 'store', 'plan', 'export', 'deliver']

/** A stage imports itself and the stages before it, never one after it. */
const stageOrder = stages.slice(0, -1).map((stage, index) => ({
  name: `data-flows-right:${stage}`,
  severity: 'error',
  from: { path: `^src/data/${stage}/` },
  to: { path: `^src/data/(${stages.slice(index + 1).join('|')})/` },
}))

module.exports = {
  forbidden: [
    ...stageOrder,
    {
      name: 'data-plane-knows-no-control',
      severity: 'error',
      from: { path: '^src/data/' },
      to: { path: '^src/(control|http|cli|workflows|config)/|^src/(main|compose)\\.ts$' },
    },
    {
      name: 'control-plane-knows-no-stage',
      severity: 'error',
      from: { path: '^src/control/' },
      to: { path: '^src/(data|http|cli|workflows)/|^src/(main|compose)\\.ts$' },
    },
    {
      name: 'http-knows-no-cli',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'product-knows-no-test',
      severity: 'error',
      from: { path: '^(src|sandbox)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|demo|bench|scripts)/|\\.test\\.ts$' },
    },
    {
      name: 'sandbox-stands-alone',
      comment: "The sandbox stands in for AWS: it must not share the exporter's own idea of what AWS does.",
      severity: 'error',
      from: { path: '^sandbox/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'page-talks-http-only',
      comment:
        "Of the server the page has the contract's types, and AWS's rules for names, which import nothing.",
      severity: 'error',
      from: { path: '^web/' },
      to: {
        path: '^(src|sandbox|test|demo|bench|scripts)/',
        pathNot: '^src/http/contract/aws-names\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'page-knows-the-contract-only',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|sandbox|test|demo|bench|scripts)/', pathNot: '^src/http/contract/' },
    },
    {
      name: 'product-knows-no-page',
      severity: 'error',
      from: { path: '^(src|sandbox)/' },
      to: { path: '^web/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
  },
}
