import type { CgroupRate } from '@tetragon-ts/sensors/process/cgroup-rate'
import { BadValue } from '../../bad-value.ts'
import { readDuration } from '../../duration.ts'
import { RedactionRule } from '../../reader/export/redaction-rule.ts'
import { messageList } from '../json-messages.ts'
import { flag, list, option, text } from '../option.ts'

/** What events tell. */
export const contentOptions = {
  'enable-process-environment-variables': flag({
    help: 'put the environment into process_exec events (it may hold secrets)',
  }),
  'filter-environment-variables': list({
    value: 'NAMES',
    help: 'of the environment only these variables',
  }),
  'redaction-filters': messageList(RedactionRule, {
    help:
      'hide what the groups of patterns match, one filter a line, such as ' +
      '{"redact":["(?s)^TOKEN=(.*)"],"binary_regex":["/mysql$"]} for the environment and the ' +
      'text of the arguments, and for arguments joined by zero bytes ' +
      '{"redact_arguments":["--password[=\\\\x00]([^\\\\x00]*)"]}; ' +
      'a pattern has 2500 instructions at most',
  }),
  'enable-process-cred': flag({
    help: "tell processes' ids and capabilities, and how executed files changed them",
  }),
  'enable-process-ns': flag({ help: "tell processes' namespaces" }),
  'enable-ancestors': list({
    value: 'KINDS',
    help:
      'tell whom processes descend from: base (exec, exit), and besides it kprobe, tracepoint, ' +
      'loader, uprobe, lsm, usdt; with commas',
  }),
  'username-metadata': option({
    value: 'FROM',
    default: 'disabled',
    help: "unix: tell users' names, of processes in the host's namespaces; or disabled",
    read: readUserNames,
  }),
  'cluster-name': text({ value: 'NAME', help: 'tell in each event where it comes from' }),
  'cgroup-rate': option({
    value: 'EVENTS,TIME',
    help:
      'leave out exec and exit of control groups that have more of them, such as 1000,1s, until ' +
      'they keep to it for 5 s',
    read: readRate,
  }),
  'expose-stack-addresses': flag({
    help: 'tell addresses in stacks (they help whoever attacks the kernel)',
  }),
}

/** `1000,1s`: so many events in so much time. */
function readRate(given: string): CgroupRate | undefined {
  if (given === '') return undefined
  const [count, time = '', ...more] = given.split(',')
  const [events, interval] = [Number(count), readDuration(time) * nsInMs]
  const isRight = /^\d+$/.test(count) && events >= 1 && interval >= nsInMs && more.length === 0
  if (isRight && events <= rateMax && interval <= intervalMax) return { events, interval }
  throw new BadValue('is no rate such as 1000,1s, with an interval from 1ms to 1h')
}

const nsInMs = 1e6
const rateMax = 1e9
const intervalMax = 3600e9

/** Whether names are told. */
function readUserNames(given: string): boolean {
  if (given !== 'unix' && given !== 'disabled') throw new BadValue('is neither unix nor disabled')
  return given === 'unix'
}
