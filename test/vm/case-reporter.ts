import { appendFileSync } from 'node:fs'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'
import type { CaseRecord, NoteRecord } from './case-results.ts'
import { withSourcePlaces } from './source-places.ts'

type Finished = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>

/** Where records go, and which file they belong to: set by whoever starts the test process. */
export const reporterVariables = {
  results: 'TETRAGON_TEST_RESULTS',
  file: 'TETRAGON_TEST_FILE',
} as const

/** Turns the events of node:test into records: one for each test that holds no other test. */
export class CaseTracker {
  private readonly file: string
  /** Names of the tests and suites that are open, by nesting. */
  private readonly names: string[] = []
  /** Whether the open test of a nesting has reported children. */
  private readonly parents: boolean[] = []

  constructor(file: string) {
    this.file = file
  }

  /** Takes the next event, and returns a record when it ends a case or says more about it. */
  event(event: TestEvent): CaseRecord | NoteRecord | undefined {
    if (event.type === 'test:diagnostic') return this.note(event.data)
    if (event.type === 'test:start') {
      this.names[event.data.nesting] = event.data.name
      this.parents[event.data.nesting] = false
      return undefined
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
    return this.finish(event)
  }

  private note({ nesting, message }: { nesting: number; message: string }): NoteRecord | undefined {
    // Those at the very end are of the whole run.
    if (summary.test(message)) return undefined
    const name = this.names.slice(0, nesting + 1).join(' > ')
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
    // A parent also fails because its children do: they have been reported.
    if (error !== undefined && isParent && failureType(error) === 'subtestsFailed') return undefined
    const base = {
      type: 'case' as const,
      file: this.file,
      name: [...this.names.slice(0, nesting), name].join(' > '),
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

function errorText(error: Error): string {
  const cause = error.cause ?? error
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)
  return withSourcePlaces(text)
}

/**
 * Reporter for `node --test-reporter`: appends each record to the result file as soon as the case
 * ends, so that a crash of the process (or of the kernel) loses none that came before it.
 */
export default async function* caseReporter(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const results = process.env[reporterVariables.results]
  const file = process.env[reporterVariables.file]
  if (results === undefined || file === undefined) {
    throw new Error(`report cases: ${Object.values(reporterVariables).join(' and ')} must be set`)
  }
  const tracker = new CaseTracker(file)
  for await (const event of source) {
    const record = tracker.event(event)
    if (record !== undefined) appendFileSync(results, `${JSON.stringify(record)}\n`)
  }
  yield ''
}
