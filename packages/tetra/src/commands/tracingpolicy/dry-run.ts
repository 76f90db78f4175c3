import { escapeUnprintable } from '@tetragon-ts/api'
import type { DryRunReport, PolicyDocument } from '@tetragon-ts/policy'
import type { PolicyMode } from '@tetragon-ts/policy/policy-text'
import type { Streams } from '../../command.ts'
import { agentInfo } from '../../connection/agent-info.ts'
import { EventReader } from '../../events/event-reader.ts'
import { openLog } from '../../events/open-log.ts'
import { pump } from '../../events/pump.ts'
import { tableLines } from '../../table.ts'
import { UsageError } from '../../usage-error.ts'

/** Maximum number of rows about programs. */
const programsMax = 20

/** Policies to try, and the events. */
export interface DryRunInput {
  readonly text: string
  /** Name of the policies' file in messages. */
  readonly name: string
  /** Replaces that of the policies. */
  readonly mode: PolicyMode | undefined
  /** Log of events; `-` is standard input, empty: the export file of the agent of this machine. */
  readonly log: string
}

/**
 * Tries policies on recorded events, and prints what they would have hit.
 * @returns the exit code: 1 if a policy has an error
 */
export async function dryRun(input: DryRunInput, streams: Streams): Promise<number> {
  const { text, name, mode } = input
  const log = input.log === '' ? exportFile() : input.log
  const { DryRun, findUnsupported, formatDiagnostic, readPolicies } = await import(
    '@tetragon-ts/policy'
  )
  const { documents, diagnostics } = readPolicies(text, name)
  const wanted = documents.map((each) => (mode === undefined ? each : each.withMode(mode)))
  const all = [...diagnostics, ...wanted.flatMap((document) => findUnsupported(document))]
  for (const diagnostic of all) {
    streams.stderr.write(`${formatDiagnostic(diagnostic, text)}\n`)
  }
  if (all.some(({ severity }) => severity === 'error')) return 1

  const runs = wanted.map((document) => ({ document, run: new DryRun(document.policy) }))
  let count = 0
  const reader = new EventReader(() => true, {
    add({ event }) {
      count++
      for (const { run } of runs) run.see(event)
    },
    take: () => '',
  })
  await pump(log === '-' ? streams.stdin : await openLog(log), streams.stdout, reader)
  streams.stderr.write(reader.report())
  const where = `${count} ${count === 1 ? 'event' : 'events'} of ${log === '-' ? '<stdin>' : log}`
  for (const { document, run } of runs) {
    for (const line of reportLines(document, run.report, where)) {
      streams.stdout.write(`${escapeUnprintable(line)}\n`)
    }
  }
  return 0
}

function exportFile(): string {
  const { export_fname = '' } = agentInfo()
  if (export_fname !== '') return export_fname
  throw new UsageError(
    '--against is missing: name a log of events, since no agent of this machine exports to a file',
  )
}

function* reportLines(
  { policy }: PolicyDocument,
  { hooks, hits, undecided, assumptions }: DryRunReport,
  where: string,
): Generator<string> {
  yield `dry run of tracing policy "${policy.name}" on ${where}`
  if (policy.options.mode === 'monitor')
    yield 'mode monitor: enforcing actions would not be executed'
  yield ''
  const counts = hooks.flatMap(({ hook: { path, call }, recorded }) =>
    recorded.length === 0
      ? [[`${path} ${call}`, '-', '0', '0', '0']]
      : recorded.map(({ source, ...each }) => [
          `${path} ${call}`,
          source,
          ...[each.calls, each.hits, each.undecided].map(String),
        ]),
  )
  yield* table(['HOOK', 'RECORDED BY', 'CALLS', 'HITS', 'UNDECIDED'], counts, [2, 3, 4])
  if (hits.length > 0) {
    yield ''
    const rows = hits.slice(0, programsMax).map(({ hook, actions, binary, pod, count }) => {
      return [String(count), binary, pod, actions.join(', '), hook.call]
    })
    yield* table(['HITS', 'PROCESS', 'POD', 'ACTIONS', 'HOOK'], rows, [0])
    if (hits.length > programsMax) yield `and ${hits.length - programsMax} more`
  }
  if (undecided.length > 0) {
    yield ''
    const rows = undecided.map(({ path, needs, count }) => [String(count), path, needs])
    yield* table(['UNDECIDED', 'CONDITION', 'WHAT EVENTS LACK'], rows, [0])
  }
  if (assumptions.length > 0) yield ''
  for (const assumption of assumptions) yield `assumed: ${assumption}`
  if (hooks.some(({ recorded }) => recorded.length === 0)) {
    yield ''
    yield 'Hooks without calls are not in the log. Record them first: load the policy with --mode monitor.'
  }
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string[] {
  return tableLines([head, ...rows], new Set(right))
}
