import { readFileSync } from 'node:fs'
import { request } from 'node:https'

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount'
const TIMEOUT_MS = 10_000

/** What a pod is given to speak to its cluster. */
export interface ClusterAccount {
  /** `https://kubernetes.default.svc` */
  origin: string
  ca: string
  token: string
  namespace: string
}

export function readAccount(): ClusterAccount {
  const read = (name: string) => readFileSync(`${MOUNTED}/${name}`, 'utf8').trim()
  return {
    origin: 'https://kubernetes.default.svc',
    ca: read('ca.crt'),
    token: read('token'),
    namespace: read('namespace'),
  }
}

/** Answers false where there is a Secret of that name already, which stays as it is. */
export async function createSecret(
  account: ClusterAccount,
  name: string,
  stringData: Record<string, string>,
): Promise<boolean> {
  const metadata = { name, labels: { 'app.kubernetes.io/part-of': 'common-purse' } }
  const status = await post(account, `/api/v1/namespaces/${account.namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    stringData,
  })
  if (status === 201) return true
  if (status === 409) return false
  // The answer's text is left out: it may repeat what was sent.
  throw new Error(`the cluster answered ${status} to the Secret ${name}`)
}

/** By node:https, which alone can be told of one more authority for one call. */
function post({ origin, ca, token }: ClusterAccount, path: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = request(origin + path, { method: 'POST', ca, headers, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
      answer.once('error', reject)
    })
    sent.once('timeout', () => sent.destroy(new Error('the cluster did not answer in time')))
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
}
