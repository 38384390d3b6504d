/** `bench/run.ts` in a world in which planning finds too few duplicates: a repeat of its folder of keys is none. */
import { openBench } from '../harness/bench.ts'
import { runBench } from '../run-bench.ts'
import { benchOfSpoiltKeys } from './spoilt-keys.ts'

await runBench(process.argv.slice(2), async (options) => benchOfSpoiltKeys(await openBench(options)))
