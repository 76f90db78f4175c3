import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const executed = (type: string, resolve: string): string => `
      tracepoints:
      - subsystem: sched
        event: sched_process_exec
        raw: true
        args:
        - index: 0
          type: ${type}
          resolve: ${resolve}`

/** The two capabilities that the process keeps. */
function capset(type: string, index: number): PolicyCase {
  return {
    name: 'that is set',
    covers: { kind: 'argument', name: type },
    policy: `
      kprobes:
      - call: security_capset
        syscall: false
        args:
        - index: ${index}
          type: ${type}
        selectors:
        - matchArgs:
          - index: ${index}
            operator: Equal
            values: ["CAP_CHOWN,CAP_NET_ADMIN"]`,
    hit: ['capset', '0x1001', '0x1001', '0x1001'],
    miss: ['capset', '0x1', '0x1', '0x1'],
    expect({ args }) {
      assert.deepEqual(args[0], { [`${type}_arg`]: '0000000000001001' })
    },
  }
}

export const credentialCases: readonly PolicyCase[] = [
  {
    name: 'of a new program',
    covers: { kind: 'argument', name: 'cred' },
    policy: executed('cred', 'cred'),
    hit: ['setresuid', '65534', '65534', '-1', '--', 'exec', '/bin/true'],
    count: 'some',
    expect(_, all) {
      const found = all.at(-1)?.args[0].process_credentials_arg
      assert.equal(found?.uid, 65534)
      assert.equal(found?.gid, 0)
      assert.equal(found?.user_ns?.level, 0)
      assert.equal(found?.user_ns?.uid, 0)
    },
  },
  {
    name: 'of a new program',
    covers: { kind: 'argument', name: 'user_namespace' },
    policy: executed('user_namespace', 'cred.user_ns'),
    hit: 'unshare -U true',
    count: 'some',
    expect(_, all) {
      const found = all.at(-1)?.args[0].user_ns_arg
      assert.equal(found?.level, 1)
      assert.equal(found?.ns?.is_host, undefined)
      const [first] = all
      assert.equal(first.args[0].user_ns_arg?.ns?.is_host, true)
    },
  },
  {
    name: 'of a new program',
    covers: { kind: 'argument', name: 'kernel_cap_t' },
    policy: `${executed('kernel_cap_t', 'cred.cap_inheritable')}
        selectors:
        - matchArgs:
          - index: 0
            operator: Mask
            values: ["CAP_NET_ADMIN"]`,
    hit: ['capset', '0x1001', '0x1001', '0x1001', '--', 'exec', '/bin/true'],
    miss: ['capset', '0x1', '0x1', '0x1', '--', 'exec', '/bin/true'],
    expect({ args }) {
      assert.equal(args[0].kernel_cap_t_arg, '0000000000001001')
    },
  },
  capset('cap_effective', 2),
  capset('cap_inheritable', 3),
  capset('cap_permitted', 4),
  {
    name: 'that is asked for',
    covers: { kind: 'argument', name: 'capability' },
    policy: `
      kprobes:
      - call: cap_capable
        syscall: false
        args:
        - index: 2
          type: capability
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["18"]`,
    hit: ['chroot', '{folder}'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    count: 'some',
    expect({ args }) {
      assert.deepEqual(args[0].capability_arg, { value: 18, name: 'CAP_SYS_CHROOT' })
    },
  },
]
