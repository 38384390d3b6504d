import type { ClusterCourse } from './cluster.ts'

/** What happened, for the log of a run and the record of a long one. */
export function tellResult({ options, lives, fleet, witness, happened }: ClusterCourse): string {
  const sum = (count: (life: (typeof lives)[number]) => number) =>
    lives.reduce((total, life) => total + count(life), 0)
  const lines = [
    `seed ${options.seed}, ${options.seconds} seconds, destinations in ${options.s3}, events in ${options.store}`,
    `${lives.length} projects, ${sum(({ client }) => client.sent.length)} events`,
    `${sum(({ client }) => client.counts.answered)} requests answered, ${sum(({ client }) => client.counts.repeated)} sent again`,
    `${witness.seen} finished folders read meanwhile, ${witness.objections.length} objections`,
    `peak memory: ${fleet.map((member) => `${member.name} ${Math.round(member.peakBytes() / 1048576)} MiB`).join(', ')}`,
    ...fleet.flatMap(({ deaths }) => deaths),
    ...[...happened].sort().map(([name, times]) => `${times} x ${name}`),
  ]
  return lines.map((line) => `cluster: ${line}\n`).join('')
}
