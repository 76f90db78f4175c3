import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** A hook of a function, with arguments and selectors as they stand in the policy. */
function hooked(call: string, rest: string, section = 'kprobes'): string {
  return `
      ${section}:
      - call: ${call}
        syscall: false
        ${rest.trim()}`
}

const kprobe = { kind: 'hook', name: 'kprobes' } as const

export const functionCases: readonly PolicyCase[] = [
  {
    name: 'tcp_connect by fentries',
    covers: { kind: 'hook', name: 'fentries' },
    policy: hooked(
      'tcp_connect',
      `args: [{index: 0, type: sock}]
        selectors:
        - matchArgs: [{index: 0, operator: DPort, values: ["17201"]}]`,
      'fentries',
    ),
    hit: ['tcp', '127.0.0.1', '17201', 'x'],
    miss: ['tcp', '127.0.0.1', '17202', 'x'],
    expect: ({ body }) => assert.equal(body.function_name, 'tcp_connect'),
  },
  {
    name: 'fd_install',
    covers: kprobe,
    policy: hooked(
      'fd_install',
      `args: [{index: 0, type: int}, {index: 1, type: file}]
        selectors:
        - matchArgs: [{index: 1, operator: Equal, values: ["{folder}/installed"]}]`,
    ),
    hit: ['open', '{folder}/installed', '0101'],
    miss: ['open', '{folder}/other', '0101'],
    expect({ args }) {
      assert.ok(Number(args[0].int_arg) >= 3)
      assert.match(args[1].file_arg?.path ?? '', /installed$/)
    },
  },
  {
    name: 'security_file_open',
    covers: kprobe,
    policy: hooked(
      'security_file_open',
      `args: [{index: 0, type: file}]
        selectors:
        - matchArgs: [{index: 0, operator: Postfix, values: ["/opened"]}]`,
    ),
    hit: ['open', '{folder}/opened', '0101'],
    miss: ['open', '{folder}/closed', '0101'],
  },
  {
    name: 'security_file_permission distinguishes reads and writes',
    covers: kprobe,
    policy: hooked(
      'security_file_permission',
      `args: [{index: 0, type: file}, {index: 1, type: int}]
        selectors:
        - matchArgs:
          - {index: 0, operator: Postfix, values: ["/written"]}
          - {index: 1, operator: Equal, values: ["2"]}`,
    ),
    hit: ['open', '{folder}/written', '0102', '--', 'write', 'text'],
    miss: ['open', '{folder}/written', '0102', '--', 'read', '5'],
  },
  {
    name: 'security_mmap_file',
    covers: kprobe,
    policy: hooked(
      'security_mmap_file',
      `args: [{index: 0, type: file}, {index: 1, type: uint32}]
        selectors:
        - matchArgs:
          - {index: 0, operator: Postfix, values: ["/trigger-mapped"]}
          - {index: 1, operator: Mask, values: ["1"]}`,
    ),
    hit: ['open', '{folder}/trigger-mapped', '0102', '--', 'mmap', '1', '4096'],
    miss: ['open', '{folder}/other', '0102', '--', 'mmap', '1', '4096'],
    expect: ({ args }) => assert.equal(args[1].uint_arg, 1),
  },
  {
    name: 'security_socket_connect has the address',
    covers: kprobe,
    policy: hooked(
      'security_socket_connect',
      `args: [{index: 0, type: socket}, {index: 1, type: sockaddr}, {index: 2, type: int}]
        selectors:
        - matchArgs: [{index: 1, operator: SPort, values: ["17203"]}]`,
    ),
    hit: ['try', 'connect', '127.0.0.1', '17203'],
    miss: ['try', 'connect', '127.0.0.1', '17204'],
    expect({ args }) {
      assert.equal(args[0].sock_arg?.family, 'AF_INET')
      assert.equal(args[1].sockaddr_arg?.addr, '127.0.0.1')
      assert.equal(args[2].int_arg, 16)
    },
  },
  {
    name: 'tcp_close',
    covers: kprobe,
    policy: hooked(
      'tcp_close',
      `args: [{index: 0, type: sock}]
        selectors:
        - matchArgs: [{index: 0, operator: DPort, values: ["17205"]}]`,
    ),
    hit: ['tcp', '127.0.0.1', '17205', 'x'],
    miss: ['tcp', '127.0.0.1', '17206', 'x'],
  },
  {
    name: 'tcp_sendmsg with the size',
    covers: kprobe,
    policy: hooked(
      'tcp_sendmsg',
      `args: [{index: 0, type: sock}, {index: 2, type: int}]
        selectors:
        - matchArgs: [{index: 0, operator: DPort, values: ["17207"]}]`,
    ),
    hit: ['tcp', '127.0.0.1', '17207', 'seven..'],
    miss: ['try', 'connect', '127.0.0.1', '17207'],
    expect: ({ args }) => assert.equal(args[1].int_arg, 7),
  },
  {
    name: 'tcp_set_state with the new state',
    covers: kprobe,
    policy: hooked(
      'tcp_set_state',
      `args: [{index: 0, type: sock}, {index: 1, type: int}]
        selectors:
        - matchArgs:
          - {index: 0, operator: DPort, values: ["17208"]}
          - {index: 1, operator: Equal, values: ["2"]}`,
    ),
    hit: ['tcp', '127.0.0.1', '17208', 'x'],
    miss: ['listen', '127.0.0.1', '17208'],
  },
  {
    name: 'inet_csk_listen_start',
    covers: kprobe,
    policy: hooked('inet_csk_listen_start', 'args: [{index: 0, type: sock}]'),
    hit: ['listen', '127.0.0.1', '17209'],
    miss: ['try', 'connect', '127.0.0.1', '17210'],
    expect: ({ args }) => assert.equal(args[0].sock_arg?.saddr, '127.0.0.1'),
  },
  {
    name: 'security_bprm_check',
    covers: kprobe,
    policy: hooked(
      'security_bprm_check',
      `args: [{index: 0, type: linux_binprm}]
        selectors:
        - matchArgs: [{index: 0, operator: Equal, values: ["/usr/bin/true"]}]`,
    ),
    hit: ['exec', '/usr/bin/true'],
    miss: ['exec', '/usr/bin/sleep', '0'],
  },
  ...['security_bprm_committing_creds', 'security_bprm_committed_creds'].map(
    (call): PolicyCase => ({
      name: `${call} of a caller`,
      covers: kprobe,
      policy: hooked(
        call,
        `args: [{index: 0, type: linux_binprm}]
        selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
      ),
      hit: ['exec', '/usr/bin/true'],
      miss: ['try', 'lseek', '-1', '0', '0'],
      expect({ args, body }, _, { trigger }) {
        assert.equal(body.process?.binary, trigger)
        assert.equal(args[0].linux_binprm_arg?.path, '/usr/bin/true')
      },
    }),
  ),
  {
    name: 'wake_up_new_task',
    covers: kprobe,
    policy: hooked(
      'wake_up_new_task',
      `args: [{index: 0, type: int, resolve: tgid}]
        selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    ),
    hit: ['fork', 'try', 'lseek', '-1', '0', '0'],
    miss: ['try', 'lseek', '-1', '0', '0'],
    expect: ({ args, body }) => assert.notEqual(args[0].int_arg, body.process?.pid),
  },
  {
    name: 'commit_creds',
    covers: kprobe,
    policy: hooked(
      'commit_creds',
      `args: [{index: 0, type: cred}]
        selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    ),
    hit: ['setresuid', '11', '12', '13'],
    count: 'some',
    expect(_, all) {
      const credentials = all.at(-1)?.args[0].process_credentials_arg
      assert.deepEqual([credentials?.uid, credentials?.euid, credentials?.suid], [11, 12, 13])
    },
  },
  {
    name: 'cap_capable and its result',
    covers: kprobe,
    policy: hooked(
      'cap_capable',
      `args: [{index: 2, type: int}]
        return: true
        returnArg: {index: 0, type: int}
        selectors:
        - matchArgs: [{index: 2, operator: Equal, values: ["18"]}]`,
    ),
    // CAP_SYS_CHROOT
    hit: ['chroot', '/'],
    miss: ['chdir', '/'],
    count: 'some',
    expect: ({ body }) => assert.equal(body.return?.int_arg, 0),
  },
  {
    name: 'do_init_module',
    covers: kprobe,
    policy: hooked('do_init_module', 'args: [{index: 0, type: module}]'),
    needs: { programs: ['busybox'], module: true },
    hit: 'busybox insmod {module} && busybox rmmod dummy',
    miss: ['try', 'init-module', 'no module'],
    expect: ({ args }) => assert.equal(args[0].module_arg?.name, 'dummy'),
  },
  {
    // Trampolines do not support variadic functions.
    name: 'a function that the first back end refuses',
    covers: kprobe,
    policy: hooked(
      'seq_printf',
      `selectors:
        - matchBinaries: [{operator: In, values: ["{trigger}"]}]`,
    ),
    needs: { probes: ['kprobe'], functions: ['seq_printf'] },
    hit: ['open', '/proc/self/limits', '0', '--', 'read', '4096'],
    miss: ['open', '{folder}/file', '0102', '--', 'read', '4096'],
    count: 'some',
  },
]
