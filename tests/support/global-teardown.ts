import { required } from './settings.ts'
import { execute } from './test-database.ts'

/** Drops the template database of this run. */
export default async function globalTeardown(): Promise<void> {
  await execute(`DROP DATABASE IF EXISTS ${required('TEST_TEMPLATE')} WITH (FORCE)`)
}
