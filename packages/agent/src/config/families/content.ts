import type { CgroupRate } from '@tetragon-ts/sensors'
import {
  BadValue,
  choiceReader,
  flag,
  integer,
  list,
  option,
  readDuration,
  text,
} from '@tetragon-ts/service/options'
import { eventAncestorsMax } from '../../processes/ancestors.ts'
import { type ExecFields, noExecFields } from '../../reader/event-content.ts'
import { RedactionRule } from '../../reader/export/redaction-rule.ts'
import { messageList } from '../json-messages.ts'

/** Fields of exec events by their names in the option. */
const execFields = {
  executable: 'executable',
  argv: 'argv',
  environment: 'variables',
  session: 'session',
  layer: 'layer',
} as const
const readExecField = choiceReader({
  choices: Object.keys(execFields) as (keyof typeof execFields)[],
})

/** Optional content of events. */
export const contentOptions = {
  'enable-process-environment-variables': flag({
    help: 'include environment variables in process_exec events (may reveal secrets)',
  }),
  'filter-environment-variables': list({
    omitsEmpty: true,
    value: 'NAMES',
    help: 'include only these environment variables',
  }),
  'redaction-filters': messageList(RedactionRule, {
    help:
      'replace text that the groups of patterns match by *****; one filter per line. redact: ' +
      'environment variables and the text of arguments, such as ' +
      '{"redact":["(?s)^TOKEN=(.*)"],"binary_regex":["/mysql$"]}; redact_arguments: ' +
      'arguments separated by zero bytes, such as ' +
      '{"redact_arguments":["--password[=\\\\x00]([^\\\\x00]*)"]}',
  }),
  'enable-process-cred': flag({
    help: 'include user ids and capabilities in events, and privileges gained by exec',
  }),
  'enable-process-ns': flag({ help: 'include namespaces in events' }),
  'enable-ancestors': list({
    omitsEmpty: true,
    value: 'KINDS',
    help:
      'include ancestors in events of these kinds, separated by commas: base (exec, exit); ' +
      'and, together with base, kprobe, tracepoint, loader, uprobe, lsm, usdt',
  }),
  'ancestors-max': integer({
    min: 1,
    max: eventAncestorsMax,
    default: '32',
    help:
      'maximum number of ancestors in an event: the nearest ones; if there are more, it has ' +
      'ancestors_truncated',
  }),
  'exec-fields': option({
    value: 'KINDS',
    default: 'none',
    help:
      'fields of process_exec events that Tetragon does not have: executable (path of the file, ' +
      'where it differs from binary), argv (arguments as a list), environment (names of ' +
      'variables such as LD_PRELOAD, without values), session (its leader, and the terminal), ' +
      'layer (whether the file is in the writable layer of an overlay); none: no such field',
    read: readExecFields,
  }),
  'username-metadata': option({
    value: 'FROM',
    default: 'disabled',
    help: "unix: include user names, for processes in the host's namespaces; or disabled",
    read: readUserNames,
  }),
  'cluster-name': text({ value: 'NAME', help: 'include the name of the cluster in events' }),
  'cgroup-rate': option({
    value: 'EVENTS,TIME',
    help:
      'omit process events of control groups that exceed this rate, such as 1000,1s, until they ' +
      'have stayed below it for 5 s',
    read: readRate,
  }),
  'expose-stack-addresses': flag({
    help: 'include addresses in stack traces (they make attacks on the kernel easier)',
  }),
}

/** `1000,1s`: at most 1000 events in one second. */
function readRate(given: string): CgroupRate | undefined {
  if (given === '') return undefined
  const [count, time = '', ...more] = given.split(',')
  const [events, interval] = [Number(count), readDuration(time) * nsInMs]
  const isRight = /^\d+$/.test(count) && events >= 1 && interval >= nsInMs && more.length === 0
  if (isRight && events <= rateMax && interval <= intervalMax) return { events, interval }
  throw new BadValue(`invalid rate "${given}" (example: 1000,1s; the interval is from 1ms to 1h)`)
}

const nsInMs = 1e6
const rateMax = 1e9
const intervalMax = 3600e9

/** `executable,argv`: these fields. */
function readExecFields(given: string): ExecFields {
  const fields = { ...noExecFields }
  if (given === 'none') return fields
  for (const name of given.split(',').map((each) => each.trim())) {
    if (name !== '') fields[execFields[readExecField(name)]] = true
  }
  return fields
}

/** Whether events include user names. */
function readUserNames(given: string): boolean {
  if (given === 'unix' || given === 'disabled') return given === 'unix'
  throw new BadValue(`invalid value "${given}" (expected unix or disabled)`)
}
