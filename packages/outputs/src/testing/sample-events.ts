import type { EventKey, GetEventsResponse } from '@tetragon-ts/api'

const parent = {
  exec_id: 'cGFyZW50',
  pid: 7,
  uid: 0,
  binary: '/usr/bin/bash',
  flags: 'execve clone',
}
const process = {
  exec_id: 'Y2hpbGQ=',
  pid: 42,
  uid: 1000,
  auid: 1000,
  cwd: '/home/me',
  binary: '/usr/bin/cat',
  executable: '/usr/bin/coreutils',
  arguments: '"a b" c',
  argv: ['cat', 'a b', 'c'],
  flags: 'execve clone',
  start_time: '2026-01-02T03:04:05.123456789Z',
  tid: 42,
  user: { name: 'me' },
  cap: { effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] },
  process_credentials: { uid: 1000, gid: 100, euid: 0, egid: 100, suid: 0, sgid: 100 },
  environment_variables: [{ Key: 'HOME', Value: '/home/me' }],
  session_id: 7,
  session_leader_exec_id: 'cGFyZW50',
  docker: 'abcdef',
  pod: {
    namespace: 'default',
    name: 'web-1',
    uid: '0-0-0',
    workload: 'web',
    workload_kind: 'Deployment',
    container: { id: 'containerd://abcdef', name: 'web', image: { id: 'sha256:1', name: 'web:1' } },
  },
}
const hook = { process, parent, policy_name: 'p', message: 'The file was read' }
const enforcement = [{ action: 'Sigkill', means: 'signal', done: true }]

const bodies: Readonly<Record<EventKey, object>> = {
  process_exec: { process, parent },
  process_exit: { process, parent, status: 3, time: '2026-01-02T03:04:06Z' },
  process_loader: { process, path: '/usr/lib/libc.so.6', buildid: 'aGFsbG8=' },
  process_kprobe: { ...hook, function_name: '__x64_sys_mount', enforcement },
  process_tracepoint: { ...hook, subsys: 'sched', event: 'sched_switch' },
  process_lsm: { ...hook, function_name: 'file_open' },
  process_uprobe: { ...hook, path: '/usr/bin/bash', symbol: 'readline' },
  process_usdt: { ...hook, path: '/usr/lib/libpython3.so', provider: 'python', name: 'gc__start' },
  process_throttle: { type: 'THROTTLE_START', cgroup: '/pods/1' },
  rate_limit_info: { number_of_dropped_process_events: '12' },
  test: {},
}

/** Two findings, of which the second has the higher level. */
export const sampleFindings = [
  { rule: 'r-1', title: 'Odd', level: 'low', techniques: ['T1053.003'] },
  { rule: 'r-2', title: 'Bad', level: 'critical', techniques: ['T1611', 'T1053.003'] },
]

/** An event of each kind, as the agent writes it. */
export function sampleLine(key: EventKey, more: object = {}): Buffer {
  const time = '2026-01-02T03:04:05.123456789Z'
  const envelope = { node_name: 'node-1', cluster_name: 'c', time, ...more }
  return Buffer.from(JSON.stringify({ [key]: bodies[key], ...envelope } as GetEventsResponse))
}

/** All kinds. */
export const sampleKeys = Object.keys(bodies) as EventKey[]
