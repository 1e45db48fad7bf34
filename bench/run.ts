import { join } from 'node:path'

/** `npm run bench [-- NAME…]`: each bench is a file of this folder that exports `bench`; without names all are run. */
const all = ['transactions', 'ingest', 'scale', 'logins', 'gateway', 'cost', 'traces']
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${all.join(', ')}`)
  process.exit(2)
}

let missed = false
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${name}`)
  const { bench } = (await import(join(import.meta.dirname, `${name}.ts`))) as {
    bench: () => Promise<boolean>
  }
  missed = !(await bench()) || missed
}
if (missed) console.log('\nAt least one limit was missed.')
process.exit(missed ? 1 : 0)
