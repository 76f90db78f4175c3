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

/** Options that are there and not simply the same. Those without effect say themselves why. */
const special: Exceptions = {
  btf: better('empty: /sys/kernel/btf/vmlinux, the only place on the kernels that we run on'),
  'server-address': better(
    'by default a Unix socket beside the pid file: whoever can connect can change policies; with ' +
      'TCP the socket is there as well, and others than this machine need TLS',
  ),
  'health-server-address': better('off by default: no port is open that nobody asked for'),
  verbose: better('1 by default: the last lines say what the verifier did not like'),
  'rb-size-total': better('16M by default: a tenth of a second of the heaviest load measured'),
  'rb-size': same('there is one ring, of all CPUs together'),
  'data-cache-size': better(
    'by default 64, or two a CPU: the pieces of a value come right before its event, so no more wait ' +
      'unless their event was lost',
  ),
  'retprobes-cache-size': better(
    '16384 by default, in the kernel and in the reader; beyond that the oldest call is shown without ' +
      'its return, and counted',
  ),
  'execve-map-entries': same('65536 by default'),
  'log-file': better('SIGHUP opens it anew, for logrotate'),
  'pprof-address': better('profiles as Chrome reads them, of both threads; off by default'),
  cpuprofile: better('as Chrome reads it; the thread that makes events beside it'),
  memprofile: same('as Chrome reads it'),
  'tracing-policy': better('may be given several times'),
  'persist-grpc-policies-dir': better('by default beside the pid file'),
  'export-filename': better('without it events go to standard output'),
  'export-denylist': better('what matches costs no more than to find that out'),
  'redaction-filters': better(
    'linear time; `redact_arguments` for whole arguments; what would hide nothing is refused',
  ),
  'export-rate-limit': better('what was left out is told once more when the agent ends'),
  'enable-export-aggregation': better('events are joined, and their number is told'),
  'metrics-label-filter': same('namespace, workload and pod are empty until pods are known'),
}

/** The options of the agent. */
export function optionSection(): Section {
  const names = Object.keys(theirs)
  const exceptions: Record<string, Exception> = { ...special }
  for (const [name, { noEffect }] of options) {
    if (noEffect !== undefined) exceptions[name] = leftOut(`taken, without effect: ${noEffect}`)
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
      'Where they come from, and what counts most, is the same: drop-in folders, tetragon.yaml, ' +
      '`--config-dir`, the environment, the command line. What has no effect is understood all the ' +
      'same, so that files made for the original can stay as they are.',
    entries,
    ours: own.map(([name, { help }]) => ({ name, note: help })),
    problems,
  }
}
