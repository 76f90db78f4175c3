import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { parseEvent } from '../testing/index.ts'
import { compactPrinter } from './compact-printer.ts'

// Every line of the original's compact output, with and without colours. Coloured parts are written
// as {green ns/p}, so that one text stands for both forms. `·` is a blank at the end of a line.

const process = {
  binary: '/usr/bin/curl',
  arguments: 'cilium.io',
  pod: { namespace: 'ns', name: 'p' },
}
const at = '{green ns/p} {magenta /usr/bin/curl}'
const file = { file_arg: { path: '/etc/passwd' } }
const path = '{cyan /etc/passwd}'
const sock_arg = { saddr: '10.0.0.1', sport: 34362, daddr: '10.0.0.2', dport: 80 }
/** An address whose name the process has looked up. */
const named = { sockaddr_arg: { addr: '::1', port: 80, names: ['a.example'] } }
const tuple = '{cyan tcp 10.0.0.1:34362 -> 10.0.0.2:80}'
const bpf_attr_arg = { ProgType: 'BPF_PROG_TYPE_KPROBE', ProgName: 'p', InsnCnt: 2048 }
const perf_event_arg = { Type: 'PERF_TYPE_TRACEPOINT', KprobeFunc: 'do_open' }
const bpf_map_arg = { MapType: 'HASH', MapName: 'm', KeySize: 8, ValueSize: 4, MaxEntries: 1024 }
const map = '{cyan HASH m key size 8 value size 4 max entries 1024}'
const vs16 = '\ufe0f'

const string = (string_arg: string): KprobeArgument => ({ string_arg })
const int = (int_arg: number): KprobeArgument => ({ int_arg })
const size = (size_arg: string): KprobeArgument => ({ size_arg })
const uint = (uint_arg: number): KprobeArgument => ({ uint_arg })

/** The function of the hook, its arguments, the line. */
const kprobes: readonly (readonly [string, readonly KprobeArgument[], string])[] = [
  [
    '__x64_sys_write',
    [file, { bytes_arg: '' }, size('8')],
    `{blue 📝 write  } ${at} ${path} {cyan 8 bytes}`,
  ],
  ['__x64_sys_write', [], `{blue 📝 write  } ${at}  ·`],
  [
    '__arm64_sys_read',
    [file, {}, size('4096')],
    `{blue 📚 read   } ${at} ${path} {cyan 4096 bytes}`,
  ],
  ['__x64_sys_read', [{}, {}, size('7')], `{blue 📚 read   } ${at}  {cyan 7 bytes}`],
  ['__x64_sys_read', [file], `{blue 📚 read   } ${at} ${path} ·`],
  ['fd_install', [int(3), file], `{blue 📬 open   } ${at} ${path}`],
  ['fd_install', [], `{blue 📬 open   } ${at} ·`],
  ['__x64_sys_openat', [int(-100), string('/a b')], `{blue 📬${vs16} openat } ${at} {cyan /a b}`],
  ['__ia32_sys_openat', [int(-100)], `{blue 📬${vs16} openat } ${at} ·`],
  ['__ia32_sys_open', [string('/x'), string('/y')], `{blue 📬${vs16} open   } ${at} {cyan /y}`],
  ['__x64_sys_open', [string('/x')], `{blue 📬${vs16} open   } ${at} ·`],
  ['__x64_sys_close', [file], `{blue 📪 close  } ${at} ${path}`],
  ['__x64_sys_close', [int(3)], `{blue 📪 close  } ${at} ·`],
  [
    '__x64_sys_mount',
    [string('tmpfs'), string('/mnt')],
    `{blue 💾 mount  } ${at} {cyan tmpfs} {cyan /mnt}`,
  ],
  ['__x64_sys_mount', [], `{blue 💾 mount  } ${at}  ·`],
  ['__x64_sys_setuid', [int(0)], `{blue 🔑 setuid } ${at} {cyan 0}`],
  ['__x64_sys_setuid', [], `{blue 🔑 setuid } ${at} ·`],
  ['__x64_sys_clock_settime', [], `{blue ⏰ clock_settime} ${at}`],
  [
    '__x64_sys_pivot_root',
    [string('/a'), string('/b')],
    `{blue 💾 pivot_root} ${at} {cyan /a} {cyan /b}`,
  ],
  ['proc_exec_connector', [], `{blue 🔧 proc_exec_connector} ${at}`],
  ['__x64_sys_setns', [int(3), int(0)], `{blue 🔧 setns  } ${at} any`],
  ['__x64_sys_setns', [int(3), int(0x2000000)], `{blue 🔧 setns  } ${at} cgroup`],
  ['__x64_sys_setns', [int(3), int(0x8000000)], `{blue 🔧 setns  } ${at} ipc`],
  ['__x64_sys_setns', [int(3), int(0x40000000)], `{blue 🔧 setns  } ${at} net`],
  ['__x64_sys_setns', [int(3), int(0x20000)], `{blue 🔧 setns  } ${at} mnt`],
  ['__x64_sys_setns', [int(3), int(0x20000000)], `{blue 🔧 setns  } ${at} pid`],
  ['__x64_sys_setns', [int(3), int(0x80)], `{blue 🔧 setns  } ${at} time`],
  ['__x64_sys_setns', [int(3), int(0x10000000)], `{blue 🔧 setns  } ${at} user`],
  ['__x64_sys_setns', [int(3), int(0x4000000)], `{blue 🔧 setns  } ${at} uts`],
  ['__x64_sys_setns', [int(3), int(0x6000000)], `{blue 🔧 setns  } ${at} ·`],
  ['__x64_sys_setns', [int(3)], `{blue 🔧 setns  } ${at} ·`],
  ['tcp_connect', [{ sock_arg }], `{blue 🔌 connect} ${at} ${tuple}`],
  [
    'tcp_connect',
    [{ sock_arg: { ...sock_arg, destination_names: ['a.example', 'b)\n(c'] } }],
    `{blue 🔌 connect} ${at} {cyan tcp 10.0.0.1:34362 -> 10.0.0.2:80 (a.example, "b)\\n(c")}`,
  ],
  [
    'security_socket_connect',
    [named],
    `{blue ❓ syscall} ${at} security_socket_connect {cyan ::1:80 (a.example)}`,
  ],
  ['tcp_connect', [], `{blue 🔌 connect} ${at} ·`],
  ['tcp_close', [{ sock_arg }], `{blue 🧹 close  } ${at} ${tuple}`],
  ['tcp_sendmsg', [{ sock_arg }, int(74)], `{blue 📤 sendmsg} ${at} ${tuple} bytes 74`],
  ['tcp_sendmsg', [], `{blue 📤 sendmsg} ${at}  bytes 0`],
  [
    'bpf_check',
    [{ bpf_attr_arg }],
    `{blue 🐝 bpf_load} ${at} {cyan BPF_PROG_TYPE_KPROBE p instruction count 2048}`,
  ],
  ['bpf_check', [], `{blue 🐝 bpf_load} ${at} ·`],
  [
    'security_perf_event_alloc',
    [{ perf_event_arg }],
    `{blue 🐝 perf_event_alloc} ${at} {cyan PERF_TYPE_TRACEPOINT do_open}`,
  ],
  ['security_perf_event_alloc', [], `{blue 🐝 perf_event_alloc} ${at} ·`],
  ['security_bpf_map_alloc', [{ bpf_map_arg }], `{blue 🗺 bpf_map_create} ${at} ${map}`],
  ['security_bpf_map_create', [{ bpf_map_arg }], `{blue 🗺 bpf_map_create} ${at} ${map}`],
  ['security_file_permission', [file, int(2)], `{blue 📝 write  } ${at} ${path}`],
  ['security_file_permission', [file, int(4)], `{blue 📚 read   } ${at} ${path}`],
  ['security_file_permission', [file, int(1)], `{blue ❓ security_file_permission} ${at} ${path}`],
  ['security_file_permission', [], `{blue ❓ security_file_permission} ${at} ·`],
  ['security_mmap_file', [file, uint(5)], `{blue 📝 mmap-rx} ${at} ${path}`],
  ['security_mmap_file', [file, uint(7)], `{blue 📝 mmap-rwx} ${at} ${path}`],
  ['security_mmap_file', [file, uint(2)], `{blue 📝 mmap-w } ${at} ${path}`],
  ['security_mmap_file', [file], `{blue ❓ security_mmap_file} ${at} ${path}`],
  ['security_path_truncate', [{ path_arg: { path: '/t' } }], `{blue 📝 truncate} ${at} {cyan /t}`],
  ['security_path_truncate', [], `{blue ❓ security_path_truncate} ${at} ·`],
  ['security_file_truncate', [file], `{blue 📝 truncate} ${at} ${path}`],
  ['security_file_truncate', [], `{blue ❓ security_file_truncate} ${at} ·`],
  ['__x64_sys_ptrace', [int(1)], `{blue ❓ syscall} ${at} __x64_sys_ptrace`],
  ['constructor', [], `{blue ❓ syscall} ${at} constructor`],
]

const x64 = (id: number): KprobeArgument => ({ syscall_id: { id, abi: 'x64' } })
// The ABI of the machine that prints is not shown.
const other = globalThis.process.arch === 'arm64' ? 'x64/' : ''

/** Arguments of raw_syscalls:sys_enter, the call as it is shown. */
const calls: readonly (readonly [readonly KprobeArgument[], string])[] = [
  [[x64(3), size('3')], `${other}close(unsigned int fd=3)`],
  [
    [x64(257), size('18446744073709551516'), size('4096')],
    `${other}openat(int dfd=-100, const char * filename=0x1000, int flags=?, umode_t mode=?)`,
  ],
  [[x64(21)], `${other}access(const char * filename=?, int mode=?)`],
  [[{ syscall_id: { id: 6, abi: 'i386' } }, size('4')], 'i386/close(unsigned int fd=4)'],
  [[x64(39)], `${other}getpid()`],
  [[{ long_arg: '99999' }], 'unknown'],
  [[{ long_arg: '-1' }], 'unknown'],
  [[{ syscall_id: { id: 1, abi: 'vax' } }], 'vax/unknown'],
  [[], 'unknown'],
]

const quiet = { ...process, arguments: undefined }
const kernel_stack_trace = [
  { address: '18446744071580569600', offset: '16', symbol: 'do_\nx' },
  { offset: '1', symbol: 'entry' },
]
const user_stack_trace = [
  { offset: '255', symbol: 'main', module: '/bin/x' },
  { address: '4096', offset: '2', module: '/l' },
]
const hashed = { process, function_name: 'file_open', ima_hash: 'sha256:ab' }

/** Every kind of event. */
const events: readonly (readonly [object, string])[] = [
  [{ process_exec: { process } }, `{blue 🚀 process} ${at} {cyan cilium.io}`],
  [{ process_exec: { process: quiet } }, `{blue 🚀 process} ${at} {cyan }·`],
  [{ process_exit: { process, status: 1 } }, `{blue 💥 exit   } ${at} {cyan cilium.io} {red 1}`],
  [
    { process_exit: { process, signal: 'SIGKILL', status: 1 } },
    `{blue 💥 exit   } ${at} {cyan cilium.io} {red SIGKILL}`,
  ],
  [{ process_exit: { process: quiet, status: 130 } }, `{blue 💥 exit   } ${at} {cyan } {red 130}`],
  [
    { process_throttle: { type: 'THROTTLE_START', cgroup: '/c' } },
    '{red 🧬 throttle} {red START} /c',
  ],
  [
    { process_throttle: { type: 'THROTTLE_STOP', cgroup: '/c' } },
    '{red 🧬 throttle} {green STOP } /c',
  ],
  [{ process_loader: { process, path: '/l.so' } }, `{blue 🧬 loader } ${at} {yellow /l.so}`],
  [
    { process_loader: { process, path: '/l', buildid: 'AQL/' } },
    `{blue 🧬 loader } ${at} 0102ff {yellow /l}`,
  ],
  ...kprobes.map(([function_name, args, line]): [object, string] => [
    { process_kprobe: { process, function_name, args } },
    line,
  ]),
  [
    { process_kprobe: { process, function_name: 'f', kernel_stack_trace, user_stack_trace } },
    `{blue ❓ syscall} ${at} f\n` +
      'Kernel:\n' +
      '{green    0xffffffff811a5000:}{blue  do_\\nx}+{yellow 0x10}\n' +
      '{green    0x0:}{blue  entry}+{yellow 0x1}\n' +
      'User:\n' +
      '{green    0x0:}{blue  main}{yellow  (/bin/x+0xff)}\n' +
      '{green    0x1000:}{yellow  (/l+0x2)}',
  ],
  ...calls.map(([args, text]): [object, string] => [
    { process_tracepoint: { process, subsys: 'raw_syscalls', event: 'sys_enter', args } },
    `{blue ☎  syscall} ${at} ${text}`,
  ]),
  [
    { process_tracepoint: { process, subsys: 'sched', event: 'sched_switch' } },
    `{blue ⁉${vs16} tracepoint} ${at} sched sched_switch`,
  ],
  [
    { process_uprobe: { process, path: '/bin/bash', symbol: 'readline' } },
    `{blue 🕵${vs16} uprobe } ${at} /bin/bash readline`,
  ],
  [
    { process_usdt: { process, path: '/bin/py', provider: 'python', name: 'gc' } },
    `{blue 🕵${vs16} usdt   } ${at} /bin/py python gc`,
  ],
  [
    { process_uprobe: { process, path: '/bin/a', symbol: 'connect', args: [named] } },
    `{blue 🕵${vs16} uprobe } ${at} /bin/a connect {cyan ::1:80 (a.example)}`,
  ],
  [
    { process_usdt: { process, path: '/bin/a', provider: 'net', name: 'connect', args: [named] } },
    `{blue 🕵${vs16} usdt   } ${at} /bin/a net connect {cyan ::1:80 (a.example)}`,
  ],
  [{ process_lsm: { process, function_name: 'file_open' } }, `{blue 🔒 LSM    } ${at} file_open`],
  [
    { process_lsm: { ...hashed, args: [int(1), file] } },
    `{blue 🔒 LSM    } ${at} file_open\n{green    /etc/passwd}{blue  sha256:ab}`,
  ],
  [{ test: { arg0: '1' } }, 'TEST EVENT'],
]

const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const

/** Replaces the coloured parts. */
function paintWith(text: string, paint: (code: number, piece: string) => string): string {
  return text
    .replaceAll(/\{(\w+) ([^}]*)\}/g, (_, colour: keyof typeof codes, piece: string) => {
      return paint(codes[colour], piece)
    })
    .replaceAll('·', '')
}

/** With colours, even a process without capabilities has an empty mark at the right. */
function withMark(text: string): string {
  const [first, ...traces] = text.split('\n')
  if (!first.includes('ns/p')) return text
  const blanks = ' '.repeat(Math.max(0, 120 - Buffer.byteLength(first) - 9))
  return [`${first} ${blanks}\x1b[35m\x1b[0m`, ...traces].join('\n')
}

describe('every line of the compact output', () => {
  const all = { stackTraces: true, imaHash: true }
  const [plain, colours] = [compactPrinter(all), compactPrinter({ ...all, colour: true })]
  for (const [value, line] of events) {
    const withoutColour = paintWith(line, (_, piece) => piece)
    it(JSON.stringify(withoutColour), () => {
      const parsed = parseEvent(JSON.stringify(value))
      assert.ok(parsed.ok)
      assert.equal(plain(parsed.event), `${withoutColour}\n`)
      const painted = paintWith(line, (code, piece) => `\x1b[${code}m${piece}\x1b[0m`)
      assert.equal(colours(parsed.event), `${withMark(painted)}\n`)
    })
  }
})
