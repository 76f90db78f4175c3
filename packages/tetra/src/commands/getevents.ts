import {
  compactPrinter,
  type FieldFilter,
  type Filter,
  type GetEventsRequest,
} from '@tetragon-ts/api'
import { compileFilters, prepareFilters } from '@tetragon-ts/policy/filters'
import type { ValuesOf } from '@tetragon-ts/service/options'
import { nodeLabels } from '../cluster/node-labels.ts'
import type { Command, Streams } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { EventReader } from '../events/event-reader.ts'
import { eventSource } from '../events/event-source.ts'
import { deferInterrupt } from '../events/interrupt.ts'
import { jsonOutput } from '../events/json-output.ts'
import { type Output, textOutput } from '../events/output.ts'
import { pump } from '../events/pump.ts'
import { readSince } from '../events/read-since.ts'
import { ttyOutput } from '../events/tty-output.ts'
import { useColour } from '../events/use-colour.ts'
import { UsageError } from '../usage-error.ts'
import { followAgent } from './follow-agent.ts'
import { geteventsOptions } from './getevents-options.ts'

type Values = ValuesOf<typeof geteventsOptions>

function filterOf(values: Values): Filter {
  return {
    event_set: values['event-types'],
    // A process outside of any pod is in the namespace with the empty name.
    namespace: values.host ? [...values.namespace, ''] : values.namespace,
    namespace_regex: values['namespace-regex'],
    binary_regex: values.process,
    pod_regex: values.pod,
    container_name_regex: values.containers,
    policy_names: values['policy-names'],
    pid_set: values['pid-set'],
    cel_expression: values['cel-expression'],
  }
}

function requestOf(values: Values, filter: Filter): GetEventsRequest {
  const field_filters: FieldFilter[] = []
  const { 'include-fields': include, 'exclude-fields': exclude } = values
  // Compact lines need fields that --include-fields may omit.
  if (values.output === 'json' && values['tty-encode'] === '') {
    if (include.length > 0) field_filters.push({ fields: include.join(','), action: 'INCLUDE' })
    if (exclude.length > 0) field_filters.push({ fields: exclude.join(','), action: 'EXCLUDE' })
  }
  const past = values.since === '' ? {} : { since: since(values.since), past_only: !values.follow }
  return { allow_list: [filter], field_filters, ...past }
}

/** @throws UsageError */
function since(text: string): string {
  return compile(() => readSince(text))
}

/** The past of several agents is not merged. @throws UsageError */
function checkPast({ since, follow, cluster }: Values): void {
  if (since !== '' && cluster) throw new UsageError('--since cannot be combined with --cluster')
  if (since === '' && !follow) throw new UsageError('--follow=false needs --since')
}

function printsStacks(values: Values): boolean {
  return values['tty-encode'] === '' && values.output === 'compact' && values['stack-traces']
}

function outputOf(values: Values, stdout: Streams['stdout']): Output {
  const terminal = stdout.isTTY === true
  if (values.stacks === 'tree' && !printsStacks(values)) {
    throw new UsageError('--stacks=tree requires compact output with stack traces (-o compact)')
  }
  if (values['tty-encode'] !== '') return ttyOutput(values['tty-encode'])
  if (values.output === 'json') {
    const fields = { include: values['include-fields'], exclude: values['exclude-fields'] }
    return jsonOutput(fields, terminal)
  }
  const print = compactPrinter({
    colour: useColour(values.color, terminal),
    timestamps: values.timestamps,
    stackTraces: values['stack-traces'] && (values.stacks === 'tree' ? 'tree' : true),
    imaHash: values['ima-hash'],
    details: values.details,
    findings: values.details ? 'informational' : undefined,
  })
  const label = values.cluster ? nodeLabels() : () => ''
  return textOutput(({ event }) => label(event.response.node_name) + print(event))
}

/** Converts errors in a user's filters to usage errors. */
function compile<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error
    throw new UsageError(error.message)
  }
}

/** `tetra getevents` */
export const getevents: Command = defineCommand({
  name: 'getevents',
  summary: 'Print events',
  description:
    'Reads events from standard input if it is a file or a pipe: one JSON object per line, as\n' +
    'Tetragon exports them. Otherwise, and if a pipe is empty and --server-address is given, reads\n' +
    'events from the agent. Scripts that start tetra without a terminal add < /dev/null for the agent.\n' +
    'With --cluster, events are those of all agents in order of time, and missing nodes are named on\n' +
    'standard error.\n' +
    'Filters are joined by AND, the values of one filter by OR. Regular expressions have RE2 syntax.',
  options: geteventsOptions,
  examples: [
    ['tetra getevents -o compact', 'Follow the events of this machine'],
    [
      'tetra --cluster getevents -o compact --namespace default',
      'Follow the events of a namespace on all nodes of a cluster',
    ],
    [
      'tetra getevents --reconnect -e PROCESS_EXEC --host',
      'Follow exec events of the host across restarts of the agent, as JSON',
    ],
    [
      'kubectl logs -n kube-system ds/tetragon -c export-stdout -f | tetra getevents -o compact',
      'Follow the events of a node in Kubernetes',
    ],
    [
      'tail -F /var/log/tetragon/tetragon.log | tetra getevents -o compact --host',
      'Follow the events of processes outside of any pod',
    ],
    [
      'tetra getevents -e PROCESS_EXEC,PROCESS_EXIT -n default --pod xwing < events.json',
      'Processes that started or ended in one pod, as JSON',
    ],
    [
      'tetra getevents -f process.binary,process.pod.name < events.json',
      'Only the binary and the pod of each event',
    ],
    [
      `tetra getevents --cel-expression 'process_exec.process.uid == 0u && has(process_exec.process.pod)'`,
      'What root executes in pods',
    ],
    ['tetra getevents -o compact --stacks=tree', 'Follow events with who called whom'],
    [
      'tetra getevents -o compact --since 1h --follow=false',
      'What happened in the last hour, as far as the agent keeps it',
    ],
    ['tetra getevents -o compact --pid-set $$', 'What this shell and its children do'],
  ],
  run: async ({ values, streams }) => {
    checkPast(values)
    const filter = filterOf(values)
    // The agent decides about filters, but obvious errors are reported before connecting.
    await prepareFilters([filter])
    const match = compile(() => compileFilters([filter], []))
    const output = compile(() => outputOf(values, streams.stdout))
    const reader = new EventReader(match, output)
    const restore = deferInterrupt()
    try {
      const source = values.cluster ? 'agent' : eventSource(values['server-address'], streams)
      const isInput = (await source) === 'input'
      if (isInput) {
        if (values.since !== '') throw new UsageError('--since needs an agent, not standard input')
        const end = await pump(streams.stdin, streams.stdout, reader)
        if (end === 'input_ended') streams.stderr.write(reader.report())
        return 0
      }
    } finally {
      restore()
    }
    return followAgent(values, requestOf(values, filter), output, streams)
  },
})
