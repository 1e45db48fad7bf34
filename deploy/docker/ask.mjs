// Asks the service in this container: exit code 0 when GET /healthz, or the path that is given, answers 200.
import { get } from 'node:http'

const end = (healthy) => process.exit(healthy ? 0 : 1)
const { OPS_PORT = '9090' } = process.env
const address = { host: '127.0.0.1', port: OPS_PORT, path: process.argv[2] ?? '/healthz', timeout: 4_000 }
get(address, ({ statusCode }) => end(statusCode === 200))
  .on('timeout', () => end(false))
  .on('error', () => end(false))
