import { leftOut as leftOutOptions, options } from '@tetragon-ts/agent/config'
import { options as theirs } from './reference/options.ts'
import {
  better,
  compare,
  type Exception,
  type Exceptions,
  leftOut,
  type Section,
  same,
} from './table.ts'

/** Options that differ from the original. Those without effect contain the reason themselves. */
const special: Exceptions = {
  btf: better('default: /sys/kernel/btf/vmlinux, where all supported kernels have it'),
  'server-address': better(
    'default: a Unix socket next to the pid file, because clients can change policies; with TCP, the ' +
      'socket remains, and TLS is required, also for localhost',
  ),
  'health-server-address': better('off by default: no port is open unless configured'),
  verbose: better('1 by default: the last lines of the log name the error'),
  'rb-size-total': better('16M by default: 0.1 s of the heaviest measured load'),
  'rb-size': same('multiplied by the number of CPUs: there is one ring for all of them'),
  'data-cache-size': better(
    '64 by default, or two per CPU: the pieces of a value arrive right before its event, so more ' +
      'wait only if their event was lost',
  ),
  'retprobes-cache-size': better(
    '16384 by default, in the kernel and in the reader; beyond that the oldest call is posted ' +
      'without its return, and counted',
  ),
  'execve-map-entries': same('65536 by default'),
  'log-file': better('SIGHUP opens it again, for logrotate'),
  'pprof-address': better('profiles of both threads in the format of Chrome; off by default'),
  cpuprofile: better('in the format of Chrome; also for the reader thread'),
  memprofile: same('in the format of Chrome'),
  'tracing-policy': better('can be repeated'),
  'persist-grpc-policies-dir': better('next to the pid file by default'),
  'export-filename': better('without it, events are written to standard output'),
  'export-denylist': better('events that match cost only the evaluation'),
  'redaction-filters': better(
    'linear time; `redact_arguments` for whole arguments; filters without effect are refused',
  ),
  'export-rate-limit': better('omitted events are also reported when the agent ends'),
  'enable-export-aggregation': better('equal events are aggregated and counted'),
  'enable-k8s-api': better(
    'namespace, name and container come from the bundles of the runtime, also without it; no event waits ' +
      'for the API',
  ),
  'enable-policy-filter': same('also for policies that select the host only'),
  'event-cache-retries': better(
    'only hits of policies that select by labels wait, and only if the labels are unknown',
  ),
  'event-cache-retry-delay': same('in seconds; the product with event-cache-retries is the limit'),
  'metrics-label-filter': same('workload requires --enable-k8s-api'),
}

/** The options of the agent. */
export function optionSection(): Section {
  const names = Object.keys(theirs)
  const exceptions: Record<string, Exception> = { ...special }
  for (const [name, { noEffect }] of options) {
    if (noEffect !== undefined) exceptions[name] = leftOut(`accepted, without effect: ${noEffect}`)
  }
  for (const [name, reason] of leftOutOptions) exceptions[name] = leftOut(reason)
  const { entries, problems } = compare({
    theirs: names,
    ours: new Set(options.keys()),
    exceptions,
    understood: (name) => options.get(name)?.noEffect !== undefined,
  })
  for (const name of names) {
    const ours = options.get(name)
    if (ours === undefined || ours.default === theirs[name] || special[name] !== undefined) continue
    problems.push(`${name} has another default, '${ours.default}': say why`)
  }
  const own = [...options].filter(([name]) => !(name in theirs))
  return {
    title: 'Options of the agent',
    intro:
      'Sources and precedence are the same: drop-in folders, tetragon.yaml, `--config-dir`, the ' +
      'environment, the command line. Options without effect are accepted, so that files for the ' +
      'original can be used unchanged.',
    entries,
    ours: own.map(([name, { help }]) => ({ name, note: help })),
    problems,
  }
}
