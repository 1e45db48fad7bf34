import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'

const usage = `node tests/k8s/try-policies.ts [--namespace common-purse]

Tries on a cluster, with kubectl, which pod reaches which port of which other one, and compares it with what the overlay \`local\`
should let through. Takes two pods of its own beside those that run: one labelled as the job that migrates, and a stranger. Prints a
table; exit code 1 at any difference.`

const { values } = parseArgs({
  options: {
    namespace: { type: 'string', default: 'common-purse' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const ports: Record<string, number[]> = {
  auth: [8080, 9090],
  ledger: [8080, 9090],
  audit: [8080, 9090],
  gateway: [8000, 9090],
  bot: [8081, 9090],
  postgres: [5432],
  redis: [6379],
  nats: [4222, 8222],
  telegram: [8081, 8082],
}
/** What each may reach; nothing else. */
const allowed: Record<string, string[]> = {
  gateway: [
    'auth:8080',
    'auth:9090',
    'ledger:8080',
    'ledger:9090',
    'audit:8080',
    'audit:9090',
    'redis:6379',
    'nats:4222',
  ],
  bot: ['gateway:8000', 'redis:6379', 'nats:4222', 'telegram:8081'],
  auth: ['postgres:5432', 'nats:4222'],
  ledger: ['auth:8080', 'postgres:5432', 'nats:4222'],
  audit: ['auth:8080', 'postgres:5432', 'nats:4222'],
  telegram: [],
  migrate: ['postgres:5432'],
  stranger: [],
}
const own = ['migrate', 'stranger']

const run = promisify(execFile)
const kubectl = async (...args: string[]) =>
  (await run('kubectl', ['--namespace', values.namespace, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout

interface Pod {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string }
  status: { podIP?: string; phase: string }
}

if (values.help) console.log(usage)
else process.exitCode = (await tryAll()) ? 0 : 1

async function tryAll(): Promise<boolean> {
  await Promise.all(own.map(startPod))
  try {
    const pods = await running()
    const targets = Object.entries(ports).flatMap(([name, numbers]) =>
      numbers.map((port) => ({ name: `${name}:${port}`, host: pods.get(name)!.status.podIP!, port })),
    )
    let wrong = 0
    for (const [source, expected] of Object.entries(allowed)) {
      const others = targets.filter(({ name }) => !name.startsWith(`${source}:`))
      const reached = await reachedBy(pods.get(source)!.metadata.name, others)
      wrong += report(source, expected, reached, others.length)
    }
    return wrong === 0
  } finally {
    await kubectl(
      'delete',
      'pod',
      ...own.map((name) => `try-${name}`),
      '--grace-period=1',
      '--ignore-not-found',
    )
  }
}

function report(source: string, expected: string[], reached: string[], tried: number): number {
  const tooMany = reached.filter((name) => !expected.includes(name))
  const missing = expected.filter((name) => !reached.includes(name))
  const isRight = tooMany.length + missing.length === 0
  console.log(
    `${isRight ? 'ok    ' : 'FAILED'} ${source.padEnd(8)} reaches ${reached.join(' ') || 'nothing'}; ` +
      `${tried - reached.length} others not`,
  )
  if (tooMany.length > 0) console.log(`  should not reach ${tooMany.join(' ')}`)
  if (missing.length > 0) console.log(`  should reach ${missing.join(' ')}`)
  return tooMany.length + missing.length
}

/** Opens a connection to each, from within the pod. */
async function reachedBy(
  pod: string,
  targets: { name: string; host: string; port: number }[],
): Promise<string[]> {
  const program = `
    const net = require('node:net')
    const reach = ({ name, host, port }) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: 3000 })
      const end = (answer) => { socket.destroy(); resolve(answer) }
      socket.once('connect', () => end([name])).once('timeout', () => end([])).once('error', () => end([]))
    })
    Promise.all(JSON.parse(process.argv[1]).map(reach)).then((found) => console.log(JSON.stringify(found.flat())))`
  return JSON.parse(
    await kubectl('exec', pod, '--', 'node', '-e', program, JSON.stringify(targets)),
  ) as string[]
}

/** One pod of each name. */
async function running(): Promise<Map<string, Pod>> {
  const { items } = JSON.parse(await kubectl('get', 'pods', '-o', 'json')) as { items: Pod[] }
  return new Map(
    items
      .filter(({ status, metadata }) => status.phase === 'Running' && !metadata.deletionTimestamp)
      .map((pod) => [pod.metadata.labels?.['app.kubernetes.io/name'] ?? '', pod] as const),
  )
}

async function startPod(name: string): Promise<void> {
  const spec = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'try',
        image: 'common-purse/tools:0.1.0',
        imagePullPolicy: 'IfNotPresent',
        args: ['-e', 'setInterval(() => {}, 1000)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  }
  await kubectl(
    ...['run', `try-${name}`, '--image=common-purse/tools:0.1.0', '--restart=Never'],
    ...['--labels', `app.kubernetes.io/name=${name}`, '--overrides', JSON.stringify({ spec })],
  )
  await kubectl('wait', '--for=condition=Ready', `pod/try-${name}`, '--timeout=60s')
}
