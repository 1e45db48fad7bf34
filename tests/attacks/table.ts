import { type Attack, type Place, promises } from './promises.ts'

/** What jest says of one test. */
export interface Result {
  /** Path from the root of the project. */
  file: string
  name: string
  passed: boolean
}

export interface Row {
  group: string
  attack: Attack
  tests: number
  passed: number
}

const isAt = ({ file, part }: Place, result: Result): boolean =>
  result.file === file && (part === undefined || result.name.includes(part))

/** Each attack with the tests that tried it; one that nobody tried has none. */
export const toRows = (results: readonly Result[]): Row[] =>
  Object.entries(promises).flatMap(([group, attacks]) =>
    attacks.map((attack) => {
      const tried = results.filter((result) => attack.places.some((place) => isAt(place, result)))
      return { group, attack, tests: tried.length, passed: tried.filter(({ passed }) => passed).length }
    }),
  )

/** An attack fails as it must where it was tried at every place, and each time. */
export const holds = ({ tests, passed }: Row): boolean => tests > 0 && tests === passed

export const seen = (row: Row): string =>
  row.tests === 0
    ? 'NOT TRIED'
    : holds(row)
      ? `as expected, ${row.tests} ×`
      : `FAILED ${row.tests - row.passed} of ${row.tests}`

/** Places of attacks at which no test was found: the list and the tests have drifted apart. */
export const untried = (results: readonly Result[]): Place[] =>
  toRows([]).flatMap(({ attack }) =>
    attack.places.filter((place) => !results.some((result) => isAt(place, result))),
  )

const link = ({ file, part }: Place) =>
  `[${file.replace(/^(tests|services)\//, '').replace('.test.ts', '')}](../${file})${part === undefined ? '' : ` “${part}”`}`

/** The table of docs/ATTACKS.md. */
export const toMarkdown = (rows: readonly Row[]): string =>
  Object.keys(promises)
    .map((group) => {
      const lines = rows
        .filter((row) => row.group === group)
        .map(
          (row) =>
            `| ${row.attack.words} | ${row.attack.expected} | ${seen(row)} | ${row.attack.places.map(link).join('<br>')} |`,
        )
      return [
        `### ${group}`,
        '',
        '| attack | expected | seen | where |',
        '| --- | --- | --- | --- |',
        ...lines,
      ].join('\n')
    })
    .join('\n\n')
