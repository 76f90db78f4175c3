import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'

/** An event that an agent of the original has exported: the start of a container on kind. */
export const recordedEvent: object = JSON.parse(
  readFileSync(join(repositoryRoot, 'test/console/recorded-event.json'), 'utf8'),
)

const node = 'kind-control-plane'
const start = Date.parse('2026-08-01T10:00:00Z')

const timeAt = (second: number): string => new Date(start + second * 1000).toISOString()
const idOf = (pid: number): string =>
  Buffer.from(`${node}:${pid}000000000:${pid}`).toString('base64')

const pod = {
  namespace: 'default',
  name: 'xwing',
  pod_labels: { class: 'xwing', org: 'alliance' },
  container: {
    id: 'containerd://c75d7e3bd9b9f5dd5a3a5b6b1b0f6f0c33d9fd5ab2d0b0b1a2c3d4e5f6a7b8c9',
    name: 'spaceship',
    image: {
      id: 'docker.io/tgraf/netperf@sha256:8e86f744bfea16',
      name: 'docker.io/tgraf/netperf:latest',
    },
    start_time: timeAt(-60),
    pid: 32,
  },
  workload: 'xwing',
  workload_kind: 'Pod',
}

function processOf(pid: number, parent: number, binary: string, args: string, second: number) {
  return {
    exec_id: idOf(pid),
    parent_exec_id: idOf(parent),
    pid,
    tid: pid,
    uid: 0,
    binary,
    pod,
    arguments: args,
    cwd: '/',
    flags: 'execve rootcwd clone',
    auid: 4294967295,
    refcnt: 1,
    ...{
      docker: 'c75d7e3bd9b9f5dd5a3a5b6b1b0f6f0',
      in_init_tree: false,
      start_time: timeAt(second),
    },
  }
}

const shell = processOf(1100, 1, '/bin/bash', '', 0)
const curl = processOf(1200, 1100, '/usr/bin/curl', 'https://ebpf.io/applications', 1)
const connection = {
  family: 'AF_INET',
  type: 'SOCK_STREAM',
  protocol: 'IPPROTO_TCP',
  cookie: '18446623',
  ...{
    saddr: '10.244.0.9',
    daddr: '104.198.14.52',
    sport: 34362,
    dport: 443,
    state: 'TCP_SYN_SENT',
  },
}

const envelope = (second: number): object => ({
  node_name: node,
  time: timeAt(second),
  cluster_name: 'default',
  node_labels: { 'kubernetes.io/os': 'linux' },
})

/**
 * What a pod did, as an agent of the original exports it: a shell starts curl, which connects,
 * opens a file that a policy denies, and ends.
 */
export const originalEvents: readonly object[] = [
  { process_exec: { process: shell }, ...envelope(0) },
  { process_exec: { process: curl, parent: shell }, ...envelope(1) },
  {
    process_kprobe: {
      process: curl,
      parent: shell,
      function_name: 'tcp_connect',
      policy_name: 'connect',
      args: [{ sock_arg: connection, label: 'sk' }],
      action: 'KPROBE_ACTION_POST',
      return_action: 'KPROBE_ACTION_POST',
    },
    ...envelope(2),
  },
  {
    process_lsm: {
      process: curl,
      parent: shell,
      function_name: 'file_open',
      policy_name: 'deny-files',
      args: [{ file_arg: { path: '/etc/shadow' } }],
      action: 'KPROBE_ACTION_OVERRIDE',
    },
    ...envelope(3),
  },
  {
    process_loader: {
      process: curl,
      path: '/usr/lib/libc.so.6',
      buildid: 'vKbRmbwZ7HzTQ7Md8JxSTA==',
    },
    node_name: node,
  },
  {
    process_throttle: { type: 'THROTTLE_START', cgroup: 'cri-containerd-c75d7e3b.scope' },
    ...envelope(4),
  },
  { process_exit: { process: curl, parent: shell, status: 7, time: timeAt(5) }, ...envelope(5) },
]
