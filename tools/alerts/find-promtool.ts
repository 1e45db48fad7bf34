import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { createApt } from '../servers/apt.ts'
import { hasDebianPackages } from '../servers/debian-packages.ts'

/** promtool of this machine; else the one in Debian's package of Prometheus, unpacked into the folder and installed nowhere. */
export async function findPromtool(packagesDir: string): Promise<string> {
  const installed = await runCommand('promtool', ['--version'], { withinMs: 20_000 })
  if (installed.ok) return 'promtool'
  const home = join(packagesDir, 'promtool')
  const program = join(home, 'usr/bin/promtool')
  if (existsSync(program)) return program
  if (!hasDebianPackages())
    throw new Error(
      'promtool is not on this machine: install Prometheus (https://prometheus.io/download), which brings it',
    )
  console.log('       fetching promtool from the distribution (package prometheus); nothing is installed')
  await unpack(packagesDir, home)
  return program
}

/** The package holds much more; the one program is all that is unpacked. */
async function unpack(packagesDir: string, home: string): Promise<void> {
  const archives = `${home}.archives`
  rmSync(archives, { recursive: true, force: true })
  mkdirSync(archives, { recursive: true })
  mkdirSync(home, { recursive: true })
  try {
    const apt = createApt(join(packagesDir, 'apt'), new AbortController().signal)
    const packages = await apt.resolve('prometheus')
    await apt.download(
      packages.filter(({ name }) => name === 'prometheus'),
      archives,
    )
    const [archive] = readdirSync(archives)
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" ./usr/bin/promtool'
    const { ok, output } = await runCommand('sh', ['-c', script, 'sh', join(archives, archive!), home])
    if (!ok) throw new Error(`promtool could not be unpacked: ${tailOf(output, 2)}`)
  } finally {
    rmSync(archives, { recursive: true, force: true })
  }
}
