/**
 * The export of a day whose segments are in a bucket, against the export of the same day from files: the bucket's are read
 * from the S3 server that is exported to, on the same cores.
 */
import { atLeast } from '../harness/aim.ts'
import { alternate, timesFaster } from '../harness/alternate.ts'
import type { Bench } from '../harness/bench.ts'
import type { Measure, Result } from '../harness/measure.ts'
import { exportDay } from '../product/export-day.ts'
import { fillDay } from '../product/filled-day.ts'
import { dayNote, largeDay } from './days.ts'

export const exportStoreS3: Measure[] = [{ name: 'export-store-s3', run: measure }]

async function measure(bench: Bench): Promise<Result[]> {
  const spec = largeDay(bench.sizes)
  const fromFiles = await bench.filledDay(spec)
  const house = await bench.bucketHouse()
  const fromBucket = await fillDay(house, await bench.day(spec), bench.say)
  const exporter = await house.startExporter()
  const ofFiles = await (await bench.house()).startExporter()
  let bytes = 0
  try {
    const result = await alternate({
      ...{ name: 'export-store-s3', unit: 's', aim: atLeast(0.5), pairs: bench.sizes.pairs },
      ratio: timesFaster,
      ours: async () => {
        const exported = await exportDay(bench, exporter, fromBucket)
        bytes = exported.bytes
        return exported
      },
      baseline: () => exportDay(bench, ofFiles, fromFiles),
      notes: [],
    })
    return [{ ...result, notes: [await dayNote(bench, spec.events, bytes), ...result.notes] }]
  } finally {
    await exporter.stop()
    await ofFiles.stop()
  }
}
