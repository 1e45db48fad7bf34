import { randomUUID } from 'node:crypto'
import { openRawConnection } from './raw-connection.ts'
import { type Signer, signNow } from './sign-now.ts'

/** What the load process is told by its parent. */
export interface Job {
  url: string
  callers: number
  warmUpMs: number
  measureMs: number
  people: { token: string; keyId: string; secret: string; accounts: string[] }[]
}

/** What it answers: latencies in milliseconds of what was answered 201, and everything else by status. */
export interface Load {
  latencies: number[]
  /** How many were answered 201 in all, those of the warm-up too. */
  all: number
  seconds: number
  refused: Record<string, number>
  /** Share of one core that signing and sending took. */
  cpu: number
}

const TARGET = '/api/v1/transactions'

/** Each caller spends small sums from random accounts, one request after the other. */
async function run({ url, callers, warmUpMs, measureMs, people }: Job): Promise<Load> {
  const signers = people.map((person) => ({
    signer: { token: person.token, keyId: person.keyId, secret: Buffer.from(person.secret, 'base64url') },
    accounts: person.accounts,
  }))
  const begin = performance.now() + warmUpMs
  const end = begin + measureMs
  const latencies: number[] = []
  const refused: Record<string, number> = {}
  let all = 0
  const caller = async () => {
    const connection = await openRawConnection(url)
    while (performance.now() < end) {
      const { signer, accounts } = signers[Math.floor(Math.random() * signers.length)]!
      const startedAt = performance.now()
      const answer = await spend(connection, signer, accounts[Math.floor(Math.random() * accounts.length)]!)
      const endedAt = performance.now()
      if (answer.status === 201) all += 1
      if (startedAt < begin || endedAt > end) continue
      if (answer.status === 201) latencies.push(endedAt - startedAt)
      else refused[answer.status] = (refused[answer.status] ?? 0) + 1
    }
    connection.close()
  }
  const usedBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  const used = process.cpuUsage(usedBefore)
  const cpu = (used.user + used.system) / 1000 / (performance.now() - startedAt)
  return { latencies, all, seconds: measureMs / 1000, refused, cpu }
}

function spend(connection: Awaited<ReturnType<typeof openRawConnection>>, signer: Signer, account: string) {
  const body = JSON.stringify({
    type: 'expense',
    account_id: account,
    amount: '0.01',
    currency: 'EUR',
    description: 'bench',
  })
  const headers = signNow(signer, { method: 'POST', target: TARGET, body }, randomUUID())
  return connection.send('POST', TARGET, headers, body)
}

process.once('message', (job: Job) => {
  void run(job).then((load) => process.send?.(load, () => process.exit(0)))
})
