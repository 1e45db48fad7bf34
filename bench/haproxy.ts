import { type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findFreePort } from '../tools/launcher/free-port.ts'
import type { House } from '../tools/launcher/house.ts'
import { runCommand } from '../tools/launcher/run-command.ts'
import { supervise } from '../tools/launcher/supervise.ts'
import { findUnpackedProgram } from '../tools/servers/debian-packages.ts'

export interface HaproxySide {
  url: string
  version: string
}

/**
 * HAProxy before the same service: the token's algorithm, signature, issuer, audience and end, and a stick table that
 * counts an address's requests. One thread, as the gateway is one.
 */
export async function startHaproxy(
  house: House,
  { target, tokenKey }: { target: string; tokenKey: KeyObject },
): Promise<HaproxySide> {
  const { path, env } = await findHaproxy(house)
  const home = join(house.dataDir, 'haproxy')
  mkdirSync(home, { recursive: true })
  const keyFile = join(home, 'token-key.pem')
  const configFile = join(home, 'haproxy.cfg')
  const port = await findFreePort()
  writeFileSync(keyFile, tokenKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(configFile, configuration({ port, keyFile, target: new URL(target).host }))
  const url = `http://127.0.0.1:${port}`
  const { stop } = await supervise(
    {
      name: 'haproxy',
      command: path,
      args: ['-db', '-f', configFile],
      env: { PATH: process.env['PATH'], ...env },
      cwd: home,
      logFile: join(house.dataDir, 'logs', 'haproxy.log'),
      isReady: () =>
        fetch(url).then(
          (answer) => answer.status === 401,
          () => false,
        ),
      readyWithinMs: 10_000,
      stopSteps: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    },
    house,
  )
  house.opened.push(stop)
  const { output } = await runCommand(path, ['-v'], { env: { PATH: process.env['PATH'], ...env } })
  return { url, version: /version (\S+)/.exec(output)?.[1] ?? 'unknown' }
}

async function findHaproxy(house: House) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const installed = folders.map((folder) => join(folder, 'haproxy')).find((path) => existsSync(path))
  if (installed !== undefined) return { path: installed, env: {} }
  return await findUnpackedProgram({ name: 'haproxy', title: 'HAProxy', program: 'usr/sbin/haproxy' }, house)
}

const configuration = ({
  port,
  keyFile,
  target,
}: {
  port: number
  keyFile: string
  target: string
}) => `global
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 65s
  timeout server 10s
  http-reuse always
frontend door
  bind 127.0.0.1:${port}
  stick-table type ip size 100k expire 60s store http_req_rate(60s)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 10000000 }
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str ES256 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_payload_query('$.iss') -m str common-purse }
  http-request deny deny_status 401 unless { var(txn.token),jwt_payload_query('$.aud') -m str common-purse-api }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${keyFile}") -m int 1 }
  default_backend service
backend service
  server one ${target} maxconn 256
`
