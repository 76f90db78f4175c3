import { appendFileSync } from 'node:fs'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'
import type { CaseRecord, FileRecord, NoteRecord, ResultRecord } from './case-results.ts'
import { LingerWatch } from './lingering.ts'
import { processorTime } from './processor-time.ts'
import { reportProgress } from './progress.ts'
import { withSourcePositions } from './source-positions.ts'

/** This module, as an option of `node`. */
export const reporterUrl = import.meta.url

type Finished = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>

/**
 * Output file of the records, and the test file of the process; if empty, each outermost suite is a
 * file (file-suites.ts). Set by the process that starts the tests.
 */
export const reporterVariables = {
  results: 'TETRAGON_TEST_RESULTS',
  file: 'TETRAGON_TEST_FILE',
  /** Maximum time from the end of the last test to that of the process, in milliseconds. */
  lingerMs: 'TETRAGON_TEST_LINGER',
} as const

/** Converts events of node:test to records: one for each test without subtests. */
export class CaseTracker {
  private readonly onlyFile: string | undefined
  private failed = false
  /** Names of the open tests and suites, by nesting. */
  private readonly names: string[] = []
  /** Names of the tests and suites that began last, by nesting: reports come in order, later. */
  private readonly begun: string[] = []
  /** Whether the open test at a nesting level has reported children. */
  private readonly parents: boolean[] = []

  /** @param file the file of all events; undefined if each outermost suite is a file */
  constructor(file?: string) {
    this.onlyFile = file
  }

  /** Handles the next event, and returns a record if it ends a case or describes one. */
  event(event: TestEvent): CaseRecord | NoteRecord | undefined {
    if (event.type === 'test:diagnostic') return this.note(event.data)
    if (event.type === 'test:start') {
      this.names[event.data.nesting] = event.data.name
      this.parents[event.data.nesting] = false
      return undefined
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
    const record = this.finish(event)
    this.failed ||= record?.outcome === 'failed'
    return record
  }

  /** The file and the name of a case that begins: for messages about one that hangs. */
  begin(event: TestEvent): { file: string; name: string } | undefined {
    if (event.type !== 'test:dequeue') return undefined
    const { nesting, name } = event.data
    this.begun.splice(nesting, this.begun.length, name)
    return { file: this.onlyFile ?? this.begun[0], name: this.nameOf(this.begun) }
  }

  /** The end of a file that is an outermost suite; call it after `event`. */
  fileEnd(event: TestEvent): { record: FileRecord; failed: boolean } | undefined {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
    if (this.onlyFile !== undefined || event.data.nesting > 0) return undefined
    const durationMs = Math.round(event.data.details.duration_ms)
    const clean = { exitCode: 0, signal: null, timedOut: false, output: '' }
    const failed = this.failed
    this.failed = false
    return { record: { type: 'file', file: event.data.name, ...clean, durationMs }, failed }
  }

  private get file(): string {
    return this.onlyFile ?? this.names[0]
  }

  /** The names of a case, without the file. */
  private nameOf(names: readonly string[]): string {
    return names.slice(this.onlyFile === undefined ? 1 : 0).join(' > ')
  }

  private note({ nesting, message }: { nesting: number; message: string }): NoteRecord | undefined {
    // The last ones are about the whole run.
    if (summary.test(message)) return undefined
    const name = this.nameOf(this.names.slice(0, nesting + 1))
    return { type: 'note', file: this.file, name, text: message }
  }

  private finish(event: Finished): CaseRecord | undefined {
    const { nesting, name, details, skip } = event.data
    const isParent = this.parents[nesting] === true
    if (nesting > 0) this.parents[nesting - 1] = true
    const error = event.type === 'test:fail' ? event.data.details.error : undefined
    const skipped = skip !== undefined && skip !== false
    const isSuite = details.type === 'suite'
    if (error === undefined && !skipped && (isParent || isSuite)) return undefined
    // A parent also fails because of its children, which were already reported.
    if (error !== undefined && isParent && failureType(error) === 'subtestsFailed') return undefined
    const base = {
      type: 'case' as const,
      file: this.file,
      name: this.nameOf([...this.names.slice(0, nesting), name]) || '(whole file)',
      durationMs: Math.round(details.duration_ms * 100) / 100,
    }
    if (error !== undefined) return { ...base, outcome: 'failed', error: errorText(error) }
    if (!skipped) return { ...base, outcome: 'passed' }
    return { ...base, outcome: 'skipped', reason: typeof skip === 'string' ? skip : 'no reason' }
  }
}

const summary = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/

function failureType(error: Error): string {
  return 'failureType' in error ? String(error.failureType) : ''
}

/** The stack of an error, and those of its causes: `fetch failed` alone explains nothing. */
function textOf({ stack, message, cause }: Error): string {
  const text = stack ?? message
  if (cause === undefined) return text
  return `${text}\n  caused by ${cause instanceof Error ? textOf(cause) : inspect(cause)}`
}

function errorText(error: Error): string {
  const cause = error.cause ?? error
  const text = cause instanceof Error ? textOf(cause) : inspect(cause)
  return withSourcePositions(text)
}

/** Enough for the end of an agent on a busy machine. */
const usualLingerMs = 20_000

function watchOutermost(watch: LingerWatch, event: TestEvent): void {
  if (event.type === 'test:enqueue' && event.data.nesting === 0) watch.begin()
  const hasEnded = event.type === 'test:pass' || event.type === 'test:fail'
  if (hasEnded && event.data.nesting === 0) watch.end()
}

/**
 * Reporter for `node --test-reporter`: appends each record to the result file as soon as the case
 * ends, so that a crash of the process (or of the kernel) loses no earlier record.
 */
export default async function* caseReporter(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const results = process.env[reporterVariables.results]
  if (results === undefined) {
    throw new Error(`report cases: ${reporterVariables.results} must be set`)
  }
  let used = processorTime() ?? 0
  process.once('exit', () => {
    reportProgress({ at: 'exit', file: '', processorMs: processorTime() })
  })
  const tracker = new CaseTracker(process.env[reporterVariables.file] || undefined)
  const write = (record: ResultRecord) => appendFileSync(results, `${JSON.stringify(record)}\n`)
  const watch = new LingerWatch(Number(process.env[reporterVariables.lingerMs] ?? usualLingerMs))
  for await (const event of source) {
    watchOutermost(watch, event)
    const begin = tracker.begin(event)
    if (begin !== undefined) reportProgress({ at: 'case', ...begin })
    const record = tracker.event(event)
    if (record !== undefined) write(record)
    const end = tracker.fileEnd(event)
    if (end === undefined) continue
    const before = used
    used = processorTime() ?? 0
    write({ ...end.record, processorMs: used - before })
    reportProgress({ at: 'end', file: end.record.file, failed: end.failed })
  }
  yield ''
}
