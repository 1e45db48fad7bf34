import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findFreePort } from '../launcher/free-port.ts'
import { lineFormat } from '../launcher/format-log-line.ts'
import type { House } from '../launcher/house.ts'
import { readState, rememberPort } from '../launcher/state.ts'
import { supervise } from '../launcher/supervise.ts'

export interface Telegram {
  token: string
  apiRoot: string
  /** Where a person can talk to the bot in a browser; only the emulator has it. */
  chatUrl?: string
}

/** The real Telegram where a token is given, or else the emulator as a process of its own. */
export async function startTelegram(house: House): Promise<Telegram | undefined> {
  const { env } = house
  const given = env['TELEGRAM_BOT_TOKEN']
  if (given) return { token: given, apiRoot: env['TELEGRAM_API_ROOT'] || 'https://api.telegram.org' }
  const entry = join(house.root, 'tools', 'telegram', 'main.ts')
  if (!existsSync(entry)) return undefined
  return startEmulator(entry, house)
}

async function startEmulator(entry: string, house: House): Promise<Telegram> {
  const kept = readState(house.dataDir).ports
  const port = await findFreePort(kept['telegram'])
  const chatPort = await findFreePort(kept['chat'])
  const token = house.secrets.emulatorBotToken
  const { stop } = await supervise(
    {
      name: 'telegram',
      command: process.execPath,
      args: [entry],
      cwd: house.root,
      env: { ...house.env, PORT: String(port), CHAT_PORT: String(chatPort), TELEGRAM_BOT_TOKEN: token },
      logFile: join(house.dataDir, 'logs', 'telegram.log'),
      formatLine: lineFormat('telegram', house.env),
      onMessage: () => undefined,
      isReady: async () => (await accepts(port)) && (await accepts(chatPort)),
      readyWithinMs: 30_000,
      stopSteps: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    },
    house,
  )
  house.opened.push(stop)
  rememberPort(house.dataDir, 'telegram', port)
  rememberPort(house.dataDir, 'chat', chatPort)
  return { token, apiRoot: `http://127.0.0.1:${port}`, chatUrl: `http://127.0.0.1:${chatPort}/` }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (yes: boolean) => (socket.destroy(), resolve(yes))
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
