import { describe } from 'node:test'
import { exec, type Place, testManyPolicies } from './testing/many-policies.ts'

const places: readonly Place[] = [
  {
    what: 'a function with an equivalent at a cgroup',
    hook: (message) => `
  kprobes:
  - call: tcp_connect
    syscall: false
    message: ${message}
    args: [{index: 0, type: sock}]`,
    // Nothing listens there.
    script: 'echo > /dev/tcp/127.0.0.1/1',
    hits: 1,
  },
  {
    what: 'a system call',
    hook: (message) => `
  kprobes:
  - {call: sys_umask, syscall: true, message: ${message}}`,
    script: 'umask 022; umask 077',
    hits: 2,
  },
  {
    what: 'the return of a system call',
    hook: (message) => `
  kprobes:
  - call: sys_umask
    syscall: true
    message: ${message}
    return: true
    returnArg: {index: 0, type: int}`,
    script: 'umask 022; umask 077',
    hits: 2,
  },
  {
    what: 'a tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: task, event: task_newtask, message: ${message}}`,
    script: '(:); (:); :',
    hits: 2,
  },
  {
    what: 'a raw tracepoint',
    hook: (message) => `
  tracepoints:
  - {subsystem: task, event: task_newtask, raw: true, message: ${message}}`,
    script: '(:); (:); :',
    hits: 2,
  },
  {
    what: 'the raw tracepoint of execs',
    isAlone: true,
    hook: (message) => `
  tracepoints:
  - {subsystem: sched, event: sched_process_exec, raw: true, message: ${message}}`,
    ...exec,
  },
]

describe('many policies', () => testManyPolicies(places))
