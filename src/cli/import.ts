import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../clock.ts'
import { createImportCounts } from './import/import-counts.ts'
import { optionsInvalid } from './import/import-errors.ts'
import { type ImportDeps, type ImportOptions, type ImportResult, importFiles } from './import/import-files.ts'
import { importDocument, importReport, isComplete } from './import/import-report.ts'
import { type Progress, showProgress } from './import/progress.ts'
import { createStoredObjects } from './import/stored-objects.ts'
import { surveyFiles } from './import/survey-files.ts'
import { type OutputOptions, printResult } from './output.ts'

interface ImportArguments extends OutputOptions {
  url: URL
  secret?: string
  secretFile?: string
  parallel: number
  rejects?: string
  retrySeconds: number
}

const parallelMax = 64
const retrySecondsMax = 86_400

export function registerImport(program: Command): void {
  program
    .command('import')
    .description('Send files of events to a Penstock: docs/guides/import.md')
    .argument(
      '<files...>',
      'lines of JSON or JSON arrays, plain or gzip: files, folders, s3://BUCKET/PREFIX; - is standard input',
    )
    .requiredOption('--url <url>', "Penstock's address, such as http://127.0.0.1:8080", parseUrl)
    .option(
      '--secret <secret>',
      "the project's API secret; others on this machine can read it in the list of processes",
    )
    .option('--secret-file <file>', 'file that holds the API secret and nothing else')
    .option('--parallel <n>', 'requests at a time', wholeNumber(1, parallelMax), 4)
    .option('--rejects <file>', 'write each refused event, its place and the reason to this file')
    .option(
      '--retry-seconds <n>',
      'for how long a request is sent again while the server is away or in trouble',
      wholeNumber(0, retrySecondsMax),
      300,
    )
    .option('--json', 'print one JSON document')
    .action(runImport)
}

/** Sends the files' events, shows how far it is, and tells what became of them. */
async function runImport(named: string[], given: ImportArguments): Promise<void> {
  const secret = await readSecret(given)
  if (named.filter((file) => file === '-').length > 1) {
    throw optionsInvalid('standard input (-) is named twice, and can be read once')
  }
  const { files, bytes: bytesTotal } = await surveyFiles(named, given.rejects, deps.objects)
  const counts = createImportCounts()
  const startedAtMs = systemClock.nowMs()
  const progress = showProgress({ counts, bytesTotal, stream: process.stderr, clock: systemClock })
  const options = {
    ...{ files, url: given.url, secret, parallel: given.parallel, counts },
    ...(given.rejects !== undefined && { rejectsFile: given.rejects }),
    retryMsMax: given.retrySeconds * 1000,
    onRetry: (reason: string, waitMs: number) =>
      progress.say(`${reason}; trying again in ${(waitMs / 1000).toFixed(1)} seconds`),
  }
  const result = await untilInterrupted(options, progress)
  const passedMs = systemClock.nowMs() - startedAtMs
  printResult(given, importDocument(options, result), importReport(options, result, passedMs))
  if (!isComplete(result)) process.exitCode = 1
}

const deps: ImportDeps = {
  clock: systemClock,
  random: Math.random,
  stdin: process.stdin,
  objects: createStoredObjects(process.env),
  // An abort ends the wait; what comes next is for the one who waits to see.
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
}

/** The first signal stops the import in good order; a second one ends the process at once, as without this. */
async function untilInterrupted(
  options: Omit<ImportOptions, 'stop'>,
  progress: Progress,
): Promise<ImportResult> {
  const stop = new AbortController()
  const interrupt = (): void => {
    progress.say('Stopping: waiting for the requests that are under way. Once more ends it at once.')
    stop.abort()
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    return await importFiles({ ...options, stop: stop.signal }, deps)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    progress.stop()
  }
}

async function readSecret({ secret, secretFile }: ImportArguments): Promise<string> {
  if ((secret === undefined) === (secretFile === undefined)) {
    throw optionsInvalid("give the project's API secret, either with --secret or with --secret-file")
  }
  const found = secret ?? (await readSecretFile(secretFile ?? ''))
  // A colon would end the user name of Basic credentials.
  if (/^[^\s:]+$/.test(found)) return found
  throw optionsInvalid('an API secret is one word without a colon; this one is not')
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw optionsInvalid(`the file of --secret-file can't be read: ${(cause as Error).message}`)
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('it is an http or https URL.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('it holds no credentials: --secret does.')
  }
  if (url.search !== '' || url.hash !== '') throw new InvalidArgumentError('it ends with its path.')
  return url
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text)
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}.`)
  }
}
