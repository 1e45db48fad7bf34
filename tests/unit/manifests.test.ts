import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse, parseAllDocuments } from 'yaml'
import { type Program, programNames, settingsOf } from '../../tools/configuration/all-settings.ts'
import { createSecrets } from '../../tools/launcher/secrets.ts'
import { createTokenKey } from '../../tools/launcher/token-keys.ts'
import { secretFiles } from '../../tools/make-secrets/secret-files.ts'
import { serviceNames } from '../../tools/services.ts'

/** What the files say by themselves, without the program that renders them: `npm run check` has that one. */
const k8s = join(import.meta.dirname, '../../deploy/k8s')
const overlays = readdirSync(join(k8s, 'overlays'))

interface Variable {
  name: string
  value?: string
}
interface Container {
  name: string
  ports?: { name: string; containerPort: number }[]
  env?: Variable[]
  volumeMounts?: { name: string; mountPath: string }[]
}
interface Selector {
  matchLabels?: Record<string, string>
}
interface Peer {
  podSelector?: Selector
  namespaceSelector?: Selector
  ipBlock?: { cidr: string }
}
interface Port {
  port: number
}
interface Resource {
  kind: string
  metadata: { name: string }
  data?: Record<string, string>
  spec?: {
    podSelector?: Selector
    ingress?: { from?: Peer[]; ports?: Port[] }[]
    egress?: { to?: Peer[]; ports?: Port[] }[]
    ports?: { port: number }[]
    template?: {
      spec: { containers: Container[]; volumes?: { name: string; secret?: { secretName: string } }[] }
    }
  }
}

const read = (folder: string): Resource[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => document.toJS() as Resource)
const base = read(join(k8s, 'base'))
const resourcesOf = (overlay: string) => [...base, ...read(join(k8s, 'overlays', overlay))]

describe('settings', () => {
  const files = secretFiles(createSecrets(), [createTokenKey()])
  const shared = (resources: Resource[]): Record<string, string> =>
    Object.fromEntries(
      resources.flatMap(({ kind, data }) => (kind === 'ConfigMap' ? Object.entries(data ?? {}) : [])),
    )

  /** A program's own variables, laid over each other as the patches do. */
  function ownOf(resources: Resource[], program: Program): Record<string, string> {
    const containers = resources
      .filter(({ metadata, spec }) => metadata.name === program && spec?.template)
      .flatMap(({ spec }) => spec!.template!.spec.containers)
    return Object.fromEntries(
      containers.flatMap(({ env = [] }) => env.map(({ name, value }) => [name, value ?? ''])),
    )
  }

  /** With the text of the mounted secrets, as the program finds them. */
  function environmentOf(overlay: string, program: Program): Record<string, string> {
    const resources = resourcesOf(overlay)
    const own = ownOf(resources, program)
    const mounted = Object.entries(own)
      .filter(([, value]) => value.startsWith('/run/secrets/'))
      .map(([name, value]) => {
        const text = files[value.replace('/run/secrets', program)]
        // The one that a person makes, where Telegram brings its updates.
        return [name.replace(/_FILE$/, ''), text ?? createSecrets().botClientSecret] as const
      })
    return { ...(program === 'migrate' ? {} : shared(resources)), ...own, ...Object.fromEntries(mounted) }
  }

  const cases = overlays.flatMap((overlay) => programNames.map((program) => [overlay, program] as const))
  test.each(cases)(
    '%s gives %s what it needs, and nothing that it does not know',
    async (overlay, program) => {
      const own = Object.keys(ownOf(resourcesOf(overlay), program))
      const known = new Set((await settingsOf(program)).flatMap(({ name }) => [name, `${name}_FILE`]))
      expect(own.length).toBeGreaterThan(2)
      expect(own.filter((name) => !known.has(name))).toEqual([])
      const path =
        program === 'migrate' ? 'tools/start/migrate-config.ts' : `services/${program}/src/config.ts`
      const module = (await import(join(k8s, '../..', path))) as Record<string, (env: object) => unknown>
      const load = module[program === 'migrate' ? 'loadMigrateConfig' : 'loadConfig']!
      // The file of the keys is watched, and made by no test.
      const { TOKEN_SIGNING_KEYS_FILE: _, ...environment } = environmentOf(overlay, program)
      expect(load(environment)).toMatchObject({ NODE_ENV: 'production' })
    },
  )

  test.each(overlays)('what %s tells all of them, somebody reads', async (overlay) => {
    const settings = (await Promise.all(programNames.map(settingsOf))).flat()
    const known = new Set(settings.map(({ name }) => name))
    expect(Object.keys(shared(resourcesOf(overlay))).filter((name) => !known.has(name))).toEqual([])
  })

  test.each(overlays)('%s holds no secret, and mounts for each part its own', (overlay) => {
    const resources = resourcesOf(overlay)
    expect(resources.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const told = Object.values(shared(resources))
    expect(told.filter((value) => /:\/\/[^/]*:[^/]*@/.test(value))).toEqual([])
    for (const { metadata, spec } of resources) {
      for (const { secret } of spec?.template?.spec.volumes ?? [])
        if (secret && metadata.name !== 'make-secrets') expect(secret.secretName).toBe(metadata.name)
    }
  })
})

describe('network policies', () => {
  const NAME = 'app.kubernetes.io/name'
  const NAMESPACE = 'kubernetes.io/metadata.name'
  const namespaces: Record<string, string> = { 'ingress-nginx': 'ingress', monitoring: 'monitoring' }
  const policies = (resources: Resource[]) =>
    resources.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && !general.includes(metadata.name))
  const general = ['deny-all', 'all-to-dns']

  const nameOf = ({ podSelector, namespaceSelector }: Peer): string | undefined =>
    podSelector?.matchLabels?.[NAME] ?? namespaces[namespaceSelector?.matchLabels?.[NAMESPACE] ?? '']

  /** `A --> B: PORTS` for every policy, by its selectors; the name has to say the same. */
  function arrowOf({ metadata: { name }, spec }: Resource): {
    side: 'out' | 'in'
    arrow: string
    ports: number[]
  } {
    const own = spec!.podSelector!.matchLabels![NAME]!
    const [out, into] = [spec!.egress?.[0], spec!.ingress?.[0]]
    const peers = out ? (out.to ?? []) : into!.from!
    const named = [...new Set(peers.map(nameOf))]
    expect(named.length).toBeLessThan(2)
    const [, other] = name.split(out ? `${own}-to-` : `${own}-from-`)
    // What is outside has an address instead of a name.
    expect(named[0] ?? other).toBe(other)
    const ports = (out ?? into!).ports!.map(({ port }) => port)
    return out
      ? { side: 'out', arrow: `${own} --> ${other}`, ports }
      : { side: 'in', arrow: `${other} --> ${own}`, ports }
  }

  function drawn(): Set<string> {
    const text = readFileSync(join(k8s, '../../docs/ARCHITECTURE.md'), 'utf8').split(
      '## Who connects to whom',
    )[1]!
    const lines = text
      .split('```')[1]!
      .split('\n')
      .filter((line) => line.includes('-->'))
    const parts = (side: string) => side.split('&').map((part) => part.trim())
    return new Set(
      lines.flatMap((line) => {
        const [from = '', to = ''] = line.split('-->')
        return parts(from).flatMap((a) => parts(to).map((b) => `${a} --> ${b}`))
      }),
    )
  }

  test('are the arrows of the picture, and there is none without its policy', () => {
    const all = new Set(
      overlays.flatMap((overlay) => policies(resourcesOf(overlay)).map((one) => arrowOf(one).arrow)),
    )
    expect([...all].toSorted()).toEqual([...drawn()].toSorted())
  })

  test.each(overlays)('let in at one end, in %s, what goes out at the other', (overlay) => {
    const resources = resourcesOf(overlay)
    const pods = new Set(
      resources.flatMap(({ kind, metadata }) =>
        ['Deployment', 'StatefulSet', 'Job'].includes(kind) ? [metadata.name] : [],
      ),
    )
    const arrows = policies(resources).map(arrowOf)
    const seen = (side: 'out' | 'in') =>
      arrows
        .filter((one) => one.side === side && one.arrow.split(' --> ').every((end) => pods.has(end)))
        .map(({ arrow, ports }) => `${arrow}: ${ports.join()}`)
        .toSorted()
    expect(seen('out').length).toBeGreaterThan(8)
    expect(seen('in')).toEqual(seen('out'))
  })

  test('deny everything that no arrow allows', () => {
    const deny = base.find(({ metadata }) => metadata.name === 'deny-all')
    expect(deny?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  })
})

test('every service has its file with all that belongs to it, and production names an image of each', () => {
  for (const name of serviceNames) {
    const kinds = parseAllDocuments(readFileSync(join(k8s, 'base', `${name}.yaml`), 'utf8')).map(
      (document) => (document.toJS() as Resource).kind,
    )
    expect(kinds).toEqual([
      'ServiceAccount',
      'Service',
      'Deployment',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
    ])
  }
  const { images } = parse(readFileSync(join(k8s, 'overlays/production/kustomization.yaml'), 'utf8')) as {
    images: { name: string }[]
  }
  const named = images.map(({ name }) => name).toSorted()
  expect(named).toEqual([...serviceNames, 'tools'].map((name) => `common-purse/${name}`).toSorted())
})
