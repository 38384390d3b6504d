/**
 * `npm run bench [-- --quick] [-- --json] [-- --record] [-- --minutes N] [-- --only NAME…]`: every measure beside its baseline,
 * results checked. Exits 1 when a result is wrong or a measure can't be run, never because something is slow.
 */
import { runBench } from './run-bench.ts'

await runBench(process.argv.slice(2))
