import { eventKinds, findEventKind } from '@tetragon-ts/api'
import {
  BadValue,
  choice,
  didYouMean,
  flag,
  list,
  type Options,
  text,
} from '@tetragon-ts/service/options'
import { pidsOption } from '../pids-option.ts'
import { followOptions } from './follow-agent.ts'

const eventTypes = eventKinds.map(({ name }) => name)

/** @throws BadValue */
function readEventType(text: string): string {
  const kind = findEventKind(text) ?? findEventKind(text.toUpperCase())
  if (kind !== undefined) return kind.name
  throw new BadValue(`unknown type "${text}"${didYouMean(text, eventTypes)}`)
}

/** The options of `tetra getevents`. */
export const geteventsOptions = {
  output: choice({
    short: 'o',
    value: 'FORMAT',
    default: 'json',
    choices: ['json', 'compact'],
    help: 'Output format',
  }),
  color: choice({
    value: 'WHEN',
    default: 'auto',
    choices: ['auto', 'always', 'never'],
    help: 'Colours in compact output',
  }),
  timestamps: flag({ help: 'Begin each line of compact output with the time (UTC)' }),
  'stack-traces': flag({ default: 'true', help: 'Print stack traces in compact output' }),
  stacks: choice({
    value: 'FORM',
    default: 'list',
    choices: ['list', 'tree'],
    help: 'Form of stack traces in compact output; a tree omits frames that repeat the previous event',
  }),
  'ima-hash': flag({ default: 'true', help: 'Print IMA hashes in compact output' }),
  details: flag({
    help:
      'Include arguments in lines of hooks that have none in compact output, such as paths, and ' +
      'what detection rules have found',
  }),
  'tty-encode': text({
    short: 't',
    value: 'PATH',
    help: 'Replay the raw bytes that were written to the terminal PATH',
  }),
  'include-fields': list({
    short: 'f',
    value: 'FIELDS',
    help: 'Print only these fields in JSON output, such as process.binary,parent.pid',
  }),
  'exclude-fields': list({ short: 'F', value: 'FIELDS', help: 'Omit these fields in JSON output' }),
  'event-types': list({
    short: 'e',
    value: 'TYPES',
    choices: eventTypes,
    each: readEventType,
    help: 'Only events of these types, such as PROCESS_EXEC',
  }),
  namespace: list({
    short: 'n',
    value: 'NAMES',
    aliases: ['namespaces'],
    help: 'Only events from these Kubernetes namespaces',
  }),
  'namespace-regex': list({ value: 'REGEX', help: 'Only events from namespaces that match' }),
  host: flag({ help: 'Only events of processes outside of any pod, besides --namespace' }),
  process: list({
    value: 'REGEX',
    aliases: ['processes'],
    help: 'Only events of processes whose binary matches',
  }),
  pod: list({
    value: 'REGEX',
    aliases: ['pods'],
    help: 'Only events from pods whose name matches',
  }),
  containers: list({
    value: 'REGEX',
    hidden: true,
    help: 'Only events from containers whose name matches',
  }),
  'policy-names': list({ value: 'NAMES', help: 'Only events of these tracing policies' }),
  'pid-set': pidsOption({ help: 'Only events of these processes and their descendants' }),
  'cel-expression': list({
    keepsCommas: true,
    value: 'EXPR',
    help: 'Only events that match a CEL expression; can be repeated (OR)',
  }),
  since: text({
    value: 'TIME',
    help: 'First events that the agent keeps, from this time on: 1h, or 2026-01-31T12:00:00Z',
  }),
  follow: flag({ default: 'true', help: 'With --since: continue with new events' }),
  ...followOptions,
} as const satisfies Options
