import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one line that any CI can read: `tests: N passed, N failed, N skipped`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1
      if (module.errors().length > 0) counts.failed += 1
    }
    const skipped = counts.skipped + counts.pending
    process.stdout.write(`\ntests: ${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped\n`)
  }
}
