import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'sandbox/**/*.test.ts',
      'test/**/*.test.ts',
      'bench/**/*.test.ts',
      'web/src/**/*.test.ts',
    ],
    globalSetup: ['./test/support/postgres-setup.ts', './test/support/page-setup.ts'],
    pool: 'forks',
    // Of two cores a third was idle with two: tests wait for leases, looks and browsers. More would starve the servers they start.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
})
