import { eventKinds } from '@tetragon-ts/api'
import { agentsOptions } from '../agents/agents-options.ts'
import type { Options } from '../command.ts'

/** The options of `tetra getevents`. */
export const geteventsOptions = {
  output: {
    kind: 'text',
    short: 'o',
    value: 'FORMAT',
    default: 'json',
    choices: ['json', 'compact'],
    help: 'Output format',
  },
  color: {
    kind: 'text',
    value: 'WHEN',
    default: 'auto',
    choices: ['auto', 'always', 'never'],
    help: 'Colours in compact output',
  },
  timestamps: { kind: 'flag', help: 'Begin each line of compact output with the time (UTC)' },
  'stack-traces': { kind: 'flag', default: true, help: 'Print stack traces in compact output' },
  stacks: {
    kind: 'text',
    value: 'FORM',
    default: 'list',
    choices: ['list', 'tree'],
    help: 'Form of stack traces in compact output; a tree omits frames that repeat the previous event',
  },
  'ima-hash': { kind: 'flag', default: true, help: 'Print IMA hashes in compact output' },
  details: {
    kind: 'flag',
    help: 'Include arguments in lines of hooks that have none in compact output, such as paths',
  },
  'tty-encode': {
    kind: 'text',
    short: 't',
    value: 'PATH',
    default: '',
    help: 'Replay the raw bytes that were written to the terminal PATH',
  },
  'include-fields': {
    kind: 'list',
    short: 'f',
    value: 'FIELDS',
    help: 'Print only these fields in JSON output, such as process.binary,parent.pid',
  },
  'exclude-fields': {
    kind: 'list',
    short: 'F',
    value: 'FIELDS',
    help: 'Omit these fields in JSON output',
  },
  'event-types': {
    kind: 'list',
    short: 'e',
    value: 'TYPES',
    choices: eventKinds.map(({ name }) => name),
    help: 'Only events of these types, such as PROCESS_EXEC',
  },
  namespace: {
    kind: 'list',
    short: 'n',
    value: 'NAMES',
    aliases: ['namespaces'],
    help: 'Only events from these Kubernetes namespaces',
  },
  'namespace-regex': {
    kind: 'list',
    value: 'REGEX',
    help: 'Only events from namespaces that match',
  },
  host: { kind: 'flag', help: 'Only events of processes outside of any pod, besides --namespace' },
  process: {
    kind: 'list',
    value: 'REGEX',
    aliases: ['processes'],
    help: 'Only events of processes whose binary matches',
  },
  pod: {
    kind: 'list',
    value: 'REGEX',
    aliases: ['pods'],
    help: 'Only events from pods whose name matches',
  },
  containers: {
    kind: 'list',
    value: 'REGEX',
    hidden: true,
    help: 'Only events from containers whose name matches',
  },
  'policy-names': {
    kind: 'list',
    value: 'NAMES',
    help: 'Only events of these tracing policies',
  },
  'pid-set': {
    kind: 'list',
    value: 'PIDS',
    help: 'Only events of these processes and their descendants',
  },
  'cel-expression': {
    kind: 'list',
    whole: true,
    value: 'EXPR',
    help: 'Only events that match a CEL expression; can be repeated (OR)',
  },
  reconnect: { kind: 'flag', help: 'Reconnect whenever the connection to the agent is lost' },
  'reconnect-wait': {
    kind: 'text',
    value: 'TIME',
    default: '2s',
    help: 'Time to wait before reconnecting',
  },
  ...agentsOptions,
  'merge-window': {
    kind: 'text',
    value: 'TIME',
    default: '1s',
    group: 'cluster',
    help: 'How long an event waits for earlier events of other nodes',
  },
} as const satisfies Options
