import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { parseEvent } from '../parse-event.ts'
import { type CompactOptions, compactPrinter } from './compact-printer.ts'

const process = {
  binary: '/usr/bin/curl',
  arguments: 'cilium.io',
  pod: { namespace: 'ns', name: 'p' },
}
const at = 'ns/p /usr/bin/curl'

function print(value: object, options: CompactOptions = {}): string {
  const parsed = parseEvent(JSON.stringify(value))
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason)
  return compactPrinter(options)(parsed.event)
}

function kprobe(function_name: string, args: KprobeArgument[] = []): string {
  return print({ process_kprobe: { process, function_name, args } })
}

const file = { file_arg: { path: '/etc/passwd' } }
const sock = { sock_arg: { saddr: '10.0.0.1', sport: 34362, daddr: '10.0.0.2', dport: 80 } }
const string = (string_arg: string): KprobeArgument => ({ string_arg })
const int = (int_arg: number): KprobeArgument => ({ int_arg })
const size = (size_arg: string): KprobeArgument => ({ size_arg })
const vs16 = '\ufe0f'
const bpf_attr_arg = { ProgType: 'BPF_PROG_TYPE_KPROBE', ProgName: 'p', InsnCnt: 2048 }
const perf_event_arg = { Type: 'PERF_TYPE_TRACEPOINT', KprobeFunc: 'do_open' }
const bpf_map_arg = { MapType: 'HASH', MapName: 'm', KeySize: 8, ValueSize: 4, MaxEntries: 1024 }

const kprobes: [string, KprobeArgument[], string][] = [
  ['__x64_sys_write', [file, { bytes_arg: '' }, size('8')], `📝 write   ${at} /etc/passwd 8 bytes`],
  ['__arm64_sys_read', [file, {}, size('4096')], `📚 read    ${at} /etc/passwd 4096 bytes`],
  ['sys_read', [{}, {}, size('7')], `📚 read    ${at}  7 bytes`],
  ['fd_install', [int(3), file], `📬 open    ${at} /etc/passwd`],
  ['fd_install', [], `📬 open    ${at}`],
  ['__x64_sys_openat', [int(-100), string('/a b')], `📬${vs16} openat  ${at} /a b`],
  ['__ia32_sys_open', [string('/x'), string('/y')], `📬${vs16} open    ${at} /y`],
  ['__x64_sys_close', [file], `📪 close   ${at} /etc/passwd`],
  ['__x64_sys_close', [int(3)], `📪 close   ${at}`],
  ['__x64_sys_mount', [string('tmpfs'), string('/mnt')], `💾 mount   ${at} tmpfs /mnt`],
  ['__x64_sys_setuid', [int(0)], `🔑 setuid  ${at} 0`],
  ['__x64_sys_clock_settime', [], `⏰ clock_settime ${at}`],
  ['__x64_sys_pivot_root', [string('/a'), string('/b')], `💾 pivot_root ${at} /a /b`],
  ['proc_exec_connector', [], `🔧 proc_exec_connector ${at}`],
  ['__x64_sys_setns', [int(3), int(0x40000000)], `🔧 setns   ${at} net`],
  ['__x64_sys_setns', [int(3), int(0)], `🔧 setns   ${at} any`],
  ['__x64_sys_setns', [int(3), int(0x6000000)], `🔧 setns   ${at} 0x6000000`],
  ['tcp_connect', [sock], `🔌 connect ${at} tcp 10.0.0.1:34362 -> 10.0.0.2:80`],
  ['tcp_close', [sock], `🧹 close   ${at} tcp 10.0.0.1:34362 -> 10.0.0.2:80`],
  ['tcp_sendmsg', [sock, int(74)], `📤 sendmsg ${at} tcp 10.0.0.1:34362 -> 10.0.0.2:80 bytes 74`],
  [
    'bpf_check',
    [{ bpf_attr_arg }],
    `🐝 bpf_load ${at} BPF_PROG_TYPE_KPROBE p instruction count 2048`,
  ],
  [
    'security_perf_event_alloc',
    [{ perf_event_arg }],
    `🐝 perf_event_alloc ${at} PERF_TYPE_TRACEPOINT do_open`,
  ],
  ...['security_bpf_map_alloc', 'security_bpf_map_create'].map(
    (name): [string, KprobeArgument[], string] => [
      name,
      [{ bpf_map_arg }],
      `🗺 bpf_map_create ${at} HASH m key size 8 value size 4 max entries 1024`,
    ],
  ),
  ['security_file_permission', [file, int(2)], `📝 write   ${at} /etc/passwd`],
  ['security_file_permission', [file, int(4)], `📚 read    ${at} /etc/passwd`],
  ['security_file_permission', [file, int(1)], `❓ security_file_permission ${at} /etc/passwd`],
  ['security_file_permission', [], `❓ security_file_permission ${at}`],
  ['security_mmap_file', [file, { uint_arg: 5 }], `📝 mmap-rx ${at} /etc/passwd`],
  ['security_mmap_file', [file, { uint_arg: 2 }], `📝 mmap-w  ${at} /etc/passwd`],
  ['security_mmap_file', [file], `❓ security_mmap_file ${at} /etc/passwd`],
  ['security_path_truncate', [{ path_arg: { path: '/t' } }], `📝 truncate ${at} /t`],
  ['security_path_truncate', [], `❓ security_path_truncate ${at}`],
  ['security_file_truncate', [file], `📝 truncate ${at} /etc/passwd`],
  ['security_file_truncate', [], `❓ security_file_truncate ${at}`],
  ['__x64_sys_ptrace', [int(1)], `❓ syscall ${at} __x64_sys_ptrace`],
  ['constructor', [], `❓ syscall ${at} constructor`],
]

test('every function of the table has its line', () => {
  for (const [name, args, line] of kprobes) assert.equal(kprobe(name, args), `${line}\n`, name)
})

const events: [object, string][] = [
  [{ process_exec: { process } }, `🚀 process ${at} cilium.io`],
  [{ process_exit: { process, status: 1 } }, `💥 exit    ${at} cilium.io 1`],
  [{ process_exit: { process, signal: 'SIGKILL' } }, `💥 exit    ${at} cilium.io SIGKILL`],
  [{ process_throttle: { type: 'THROTTLE_START', cgroup: '/c' } }, '🧬 throttle START /c'],
  [{ process_throttle: { type: 'THROTTLE_STOP', cgroup: '/c' } }, '🧬 throttle STOP  /c'],
  [{ process_loader: { process, path: '/l.so' } }, `🧬 loader  ${at} /l.so`],
  [{ process_loader: { process, path: '/l', buildid: 'AQL/' } }, `🧬 loader  ${at} 0102ff /l`],
  [
    { process_tracepoint: { process, subsys: 'sched', event: 'sched_switch' } },
    `⁉${vs16} tracepoint ${at} sched sched_switch`,
  ],
  [
    { process_uprobe: { process, path: '/bin/bash', symbol: 'readline' } },
    `🕵${vs16} uprobe  ${at} /bin/bash readline`,
  ],
  [
    { process_usdt: { process, path: '/bin/py', provider: 'python', name: 'gc' } },
    `🕵${vs16} usdt    ${at} /bin/py python gc`,
  ],
  [{ process_lsm: { process, function_name: 'file_open' } }, `🔒 LSM     ${at} file_open`],
  [{ test: { arg0: '1' } }, 'TEST EVENT'],
]

test('every kind of event has its line', () => {
  for (const [value, line] of events) assert.equal(print(value), `${line}\n`)
})

test('system calls are shown with their parameters', () => {
  const show = (args: KprobeArgument[]): string =>
    print({ process_tracepoint: { process, subsys: 'raw_syscalls', event: 'sys_enter', args } })
  const x64 = (id: number): KprobeArgument => ({ syscall_id: { id, abi: 'x64' } })
  const other = globalThis.process.arch === 'arm64' ? 'x64/' : ''
  const start = `☎  syscall ${at} `
  assert.equal(show([x64(3), size('3')]), `${start}${other}close(unsigned int fd=3)\n`)
  assert.equal(
    show([x64(257), size('18446744073709551516'), size('4096')]),
    `${start}${other}openat(int dfd=-100, const char *filename=0x1000, int flags, umode_t mode)\n`,
  )
  const i386 = { syscall_id: { id: 6, abi: 'i386' } }
  assert.equal(show([i386, size('4')]), `${start}i386/close(unsigned int fd=4)\n`)
  assert.equal(show([{ syscall_id: { id: 39, abi: 'x64' } }]), `${start}${other}getpid()\n`)
  assert.equal(show([{ long_arg: '99999' }]), `${start}unknown\n`)
  assert.equal(show([{ long_arg: '-1' }]), `${start}unknown\n`)
  assert.equal(show([{ syscall_id: { id: 1, abi: 'vax' } }]), `${start}vax/unknown\n`)
  assert.equal(show([]), `${start}unknown\n`)
})

test('events without process or without compact form are refused', () => {
  assert.throws(() => print({ process_exec: {} }), { code: 'missing_process_info' })
  assert.throws(() => print({ process_kprobe: { function_name: 'x' } }), /missing process info/)
  assert.throws(() => print({ rate_limit_info: {} }), {
    code: 'unknown_event_type',
    message: 'unknown event type: rate_limit_info',
  })
})

test('a process outside of any pod is shown with its node', () => {
  const host = { binary: '/opt/my app', arguments: '-x' }
  const line = print({ process_exec: { process: host }, node_name: 'node-1' })
  assert.equal(line, '🚀 process node-1 "/opt/my app" -x\n')
})

test('text from outside is escaped', () => {
  const hostile = { binary: '/b\n', arguments: 'a\x1b[2J\u202e\x9b\nb', pod: { name: '\r' } }
  assert.equal(
    print({ process_exec: { process: hostile } }),
    '🚀 process /\\r "/b\\n" a\\x1b[2J\\u202e\\u009b\\nb\n',
  )
})

test('timestamps have nine decimals and are in UTC', () => {
  const stamped = (time?: string): string =>
    print({ test: {}, time }, { timestamps: true }).replace(' TEST EVENT\n', '')
  assert.equal(stamped('2024-10-26T16:02:01.94Z'), '2024-10-26T16:02:01.940000000Z')
  assert.equal(stamped('2024-10-26T16:02:01.948430629+02:00'), '2024-10-26T14:02:01.948430629Z')
  assert.equal(stamped(undefined), '1970-01-01T00:00:00.000000000Z')
  assert.equal(stamped('2024-99-99T16:02:01Z'), '1970-01-01T00:00:00.000000000Z')
})

test('stack traces and IMA hashes follow their line', () => {
  const value = {
    process_kprobe: {
      process,
      function_name: 'f',
      kernel_stack_trace: [{ address: '18446744071580569600', offset: '16', symbol: 'do_\nx' }],
      user_stack_trace: [{ offset: '255', symbol: 'main', module: '/bin/x' }],
    },
  }
  const line = `❓ syscall ${at} f\n`
  assert.equal(print(value), line)
  assert.equal(
    print(value, { stackTraces: true }),
    `${line}Kernel:\n   0xffffffff811a5000: do_\\nx+0x10\nUser:\n   0x0: main (/bin/x+0xff)\n`,
  )
  const args = [int(1), file]
  const lsm = { process_lsm: { process, function_name: 'f', ima_hash: 'sha256:ab', args } }
  assert.equal(print(lsm), `🔒 LSM     ${at} f\n`)
  assert.equal(print(lsm, { imaHash: true }), `🔒 LSM     ${at} f\n   /etc/passwd sha256:ab\n`)
})

test('the mark of privileged processes is right-aligned', () => {
  const withCaps = (count: number): object => ({
    process_exec: { process: { ...process, cap: { effective: Array(count).fill('CAP_KILL') } } },
  })
  const line = `🚀 process ${at} cilium.io`
  assert.equal(print(withCaps(21)), `${line}\n`)
  const blanks = ' '.repeat(120 - Buffer.byteLength(line) - 15)
  assert.equal(print(withCaps(22)), `${line} ${blanks}🛑 CAP_SYS_ADMIN\n`)
})

test('colours are those of the original, and even an empty mark is aligned', () => {
  const line =
    '\x1b[34m🚀 process\x1b[0m \x1b[32mns/p\x1b[0m \x1b[35m/usr/bin/curl\x1b[0m ' +
    '\x1b[36mcilium.io\x1b[0m'
  const blanks = ' '.repeat(120 - Buffer.byteLength(line) - 9)
  const expected = `${line} ${blanks}\x1b[35m\x1b[0m\n`
  assert.equal(print({ process_exec: { process } }, { colour: true }), expected)
  const throttle = { process_throttle: { type: 'THROTTLE_STOP', cgroup: '/c' } }
  assert.equal(
    print(throttle, { colour: true }),
    '\x1b[31m🧬 throttle\x1b[0m \x1b[32mSTOP \x1b[0m /c\n',
  )
})
