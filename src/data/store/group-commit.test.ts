import { expect, test } from 'vitest'
import type { EventBatch } from '../ingest/event-batch.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'

/** A batch that only has a size. */
const batch = (bytes: number, projectId = 1) => ({ projectId, lines: new Uint8Array(bytes) }) as EventBatch

function recording(options: Partial<GroupCommitOptions> = {}) {
  const commits: { batches: EventBatch[]; finish: PromiseWithResolvers<void> }[] = []
  const queue = createGroupCommit({
    windowMs: 1,
    bytesMax: 1000,
    waitingBytesMax: 10_000,
    commitMsMax: 600_000,
    commit: (batches) => {
      const finish = Promise.withResolvers<void>()
      commits.push({ batches, finish })
      return finish.promise
    },
    ...options,
  })
  const until = async (count: number) => {
    while (commits.length < count) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return { commits, queue, until }
}

test('a batch that comes while nothing is committed waits for nobody', async () => {
  const { commits, queue } = recording({ windowMs: 1_000_000 })
  const append = queue.append(batch(1))
  expect(commits).toHaveLength(1)
  commits[0]?.finish.resolve()
  await append
})

test('batches that come beside a commit share the next, and resolve only when it is durable', async () => {
  const { commits, queue, until } = recording({ windowMs: 1_000_000 })
  const first = queue.append(batch(1))
  let resolved = 0
  const appends = [queue.append(batch(1)), queue.append(batch(1))].map((append) =>
    append.then(() => resolved++),
  )
  expect(commits).toHaveLength(1)
  commits[0]?.finish.resolve()
  await first
  await until(2)
  expect(commits[1]?.batches).toHaveLength(2)
  expect(resolved).toBe(0)
  commits[1]?.finish.resolve()
  await Promise.all(appends)
  expect(resolved).toBe(2)
})

test('beside a commit that takes long they wait no longer than the window', async () => {
  const { commits, queue, until } = recording()
  const first = queue.append(batch(1))
  const second = queue.append(batch(1))
  await until(2)
  for (const { finish } of commits) finish.resolve()
  await Promise.all([first, second])
})

test('enough bytes start a commit before the window ends', async () => {
  const { commits, queue } = recording({ windowMs: 1_000_000 })
  const appends = [queue.append(batch(1)), queue.append(batch(1000))]
  expect(commits).toHaveLength(2)
  for (const { finish } of commits) finish.resolve()
  await Promise.all(appends)
})

test('a failed commit fails each of its batches and none of the next commit', async () => {
  const { commits, queue, until } = recording()
  const first = queue.append(batch(1))
  const failing = [queue.append(batch(1)), queue.append(batch(1))]
  await until(2)
  commits[1]?.finish.reject(new Error('disk full'))
  for (const append of failing) await expect(append).rejects.toThrow('disk full')
  const next = queue.append(batch(1))
  await until(3)
  commits[0]?.finish.resolve()
  commits[2]?.finish.resolve()
  await Promise.all([first, next])
})

test('two commits are under way at most; what comes meanwhile shares the next one', async () => {
  const { commits, queue, until } = recording({ windowMs: 0 })
  const appends = [queue.append(batch(1))]
  await until(1)
  appends.push(queue.append(batch(1)))
  await until(2)
  for (let more = 0; more < 5; more++) appends.push(queue.append(batch(1)))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(commits).toHaveLength(2)
  commits[0]?.finish.resolve()
  await until(3)
  expect(commits[2]?.batches).toHaveLength(5)
  for (const { finish } of commits) finish.resolve()
  await Promise.all(appends)
})

test('past the bytes that may wait an append is refused, to be tried again', async () => {
  const { queue } = recording({ windowMs: 1_000_000, bytesMax: 1_000_000, waitingBytesMax: 10 })
  void queue.append(batch(1))
  void queue.append(batch(10))
  await expect(queue.append(batch(1))).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true })
})

test('drain waits for what waits and for what is under way', async () => {
  const { commits, queue, until } = recording({ windowMs: 1_000_000 })
  const append = queue.append(batch(1))
  const drained = queue.drain()
  await until(1)
  commits[0]?.finish.resolve()
  await Promise.all([append, drained])
})

test('a late commit: those who wait and those who come are refused, until it has ended', async () => {
  const { commits, queue } = recording({ windowMs: 1_000_000, commitMsMax: 50 })
  const slow = { code: 'STORE_SLOW', retryable: true }
  const appends = [queue.append(batch(1)), queue.append(batch(1))]
  for (const append of appends) await expect(append).rejects.toMatchObject(slow)
  await expect(queue.append(batch(1))).rejects.toMatchObject(slow)
  expect(commits).toHaveLength(1)
  commits[0]?.finish.resolve()
  await queue.drain()
  const next = queue.append(batch(1))
  // At once, or it might be late as well.
  commits[1]?.finish.resolve()
  await next
})

test('a project that sends in masses shares each commit with those that send little: by bytes, not by who came first', async () => {
  const { commits, queue, until } = recording({ bytesMax: 300_000, waitingBytesMax: 100_000_000 })
  const appends = [queue.append(batch(1)), queue.append(batch(300_000))]
  // Both places are taken, and now fifty large batches of one project wait before one of each of three others.
  for (let large = 0; large < 50; large++) appends.push(queue.append(batch(100_000, 1)))
  for (const other of [2, 3, 4]) appends.push(queue.append(batch(1000, other)))
  commits[0]?.finish.resolve()
  await until(3)
  const projects = commits[2]?.batches.map(({ projectId }) => Number(projectId))
  expect(projects?.toSorted()).toEqual([1, 1, 1, 2, 3, 4])
  for (let commit = 1; commit < 19; commit++) {
    await until(commit + 1)
    commits[commit]?.finish.resolve()
  }
  await Promise.all(appends)
  const bytes = commits.map(({ batches }) => batches.reduce((sum, { lines }) => sum + lines.length, 0))
  // The last batch of a commit goes whole.
  expect(Math.max(...bytes)).toBeLessThan(400_000)
})
