/**
 * What an exporter relies on in S3 and STS, asked of the sandbox and of the Ceph gateway with AWS's own SDK.
 * Each behaviour says what AWS answers. The sandbox must answer just that; the gateway too, but for what
 * ceph-differences.ts names.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cephDifferences } from './ceph-differences.ts'
import { identityBehaviours } from './identity-behaviours.ts'
import { integrityBehaviours } from './integrity-behaviours.ts'
import {
  assumeRole,
  findCephLaboratory,
  type Laboratory,
  s3Client,
  startSandboxLaboratory,
} from './laboratory.ts'
import { multipartBehaviours } from './multipart-behaviours.ts'
import { objectBehaviours } from './object-behaviours.ts'
import { deleteAll } from './outcome.ts'
import { requestBehaviours } from './request-behaviours.ts'
import { sessionBehaviours } from './session-behaviours.ts'

const behaviours = {
  'identity and permission': identityBehaviours,
  'sessions and their policies': sessionBehaviours,
  objects: objectBehaviours,
  'requests and errors': requestBehaviours,
  'integrity and encryption': integrityBehaviours,
  'uploads in parts': multipartBehaviours,
}
const behaviourNames = Object.values(behaviours).flatMap((group) => Object.keys(group))

runIn('sandbox', startSandboxLaboratory)

const ceph = findCephLaboratory(process.env)
if (ceph === null) {
  const reason = 'RGW_LAB_ACME_BUCKET is not set: no Ceph gateway to hold the sandbox against'
  process.stdout.write(`contract suite: skipped for ceph: ${reason}\n`)
  // A real server can't be made up; .ci/run starts one and runs this with it. The name tells the reason wherever it is left out.
  test.skip(`ceph: ${reason}`, () => {})
} else {
  runIn('ceph', () => Promise.resolve(ceph))
}

test('every difference of the gateway belongs to a behaviour of the suite', () => {
  expect(behaviourNames).toEqual(expect.arrayContaining(Object.keys(cephDifferences)))
})

function runIn(name: Laboratory['name'], start: () => Promise<Laboratory>): void {
  describe(name, () => {
    let lab: Laboratory
    let s3: S3Client
    const prefix = `contract-${process.pid}-${Date.now()}/`

    beforeAll(async () => {
      lab = await start()
      s3 = s3Client(lab, await assumeRole(lab))
    })
    afterAll(async () => {
      await deleteAll(s3, lab.bucket, prefix)
      await lab.close()
    })

    for (const [group, members] of Object.entries(behaviours)) {
      describe(group, () => {
        test.each(Object.entries(members))('%s', async (behaviour, { aws, act }) => {
          const key = `${prefix}${behaviour}`
          const expected = (name === 'ceph' && cephDifferences[behaviour]?.answers) || [aws]
          expect(expected).toContain(await act({ lab, s3, key, Bucket: lab.bucket }))
        })
      })
    }
  })
}
