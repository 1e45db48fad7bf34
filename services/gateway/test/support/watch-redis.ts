import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * Hears every command that Redis runs until `stop`, whoever sent it, and what scripts run left out. The client's own
 * monitor breaks when a busy Redis sends a command in one piece with its OK.
 */
export async function watchRedis(
  url: string,
  hear: (command: string[]) => void,
): Promise<{ stop: () => void }> {
  const { hostname, port, username, password } = new URL(url)
  const socket = connect(Number(port || '6379'), hostname)
  await once(socket, 'connect')
  const login = [username, password].filter((part) => part !== '').map(decodeURIComponent)
  const questions = [...(login.length > 0 ? [`AUTH ${login.join(' ')}`] : []), 'MONITOR']
  socket.write(questions.map((question) => `${question}\r\n`).join(''))

  let unanswered = questions.length
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: socket }).on('line', (line) => {
      if (line.startsWith('-')) return reject(new Error(line))
      if (line === '+OK') return --unanswered === 0 && resolve()
      if (/^\+[\d.]+ \[\d+ lua\]/.test(line)) return
      hear(line.match(/"(?:[^"\\]|\\.)*"/g)?.map((part) => part.slice(1, -1)) ?? [])
    })
  })
  return { stop: () => socket.destroy() }
}
