/**
 * Three projects, named after what a test costs: nothing, one service, the whole house. Two more want programs that a machine
 * may not have, Chromium and curl, jq, openssl, python3, and run when they are named (tools/test/projects.ts).
 */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
}
const servers = {
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
}

export const projects = [
  {
    ...shared,
    displayName: 'unit',
    testMatch: [
      '<rootDir>/{libs,services,tools}/*/src/**/*.test.ts',
      '<rootDir>/libs/*/test/**/*.test.ts',
      '<rootDir>/tools/**/*.test.ts',
      '<rootDir>/tests/unit/**/*.test.ts',
    ],
  },
  { ...shared, ...servers, displayName: 'component', testMatch: ['<rootDir>/services/*/test/**/*.test.ts'] },
  { ...shared, ...servers, displayName: 'system', testMatch: ['<rootDir>/tests/system/**/*.test.ts'] },
  { ...shared, ...servers, displayName: 'browser', testMatch: ['<rootDir>/tests/browser/**/*.test.ts'] },
  { ...shared, ...servers, displayName: 'examples', testMatch: ['<rootDir>/tests/examples/**/*.test.ts'] },
  { ...shared, ...servers, displayName: 'attacks', testMatch: ['<rootDir>/tests/attacks/**/*.test.ts'] },
]
/** A house of services takes its time to start on a busy machine. */
export const testTimeout = 30_000
/** Tests wait more than they compute (a third of their time, measured), so that two cores keep four of them busy. */
export const maxWorkers = 4
