import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '../testing/index.ts'
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

test('stack traces and IMA hashes are printed on request', () => {
  const value = {
    process_kprobe: {
      process,
      function_name: 'f',
      kernel_stack_trace: [{ address: '4096', offset: '16', symbol: 'do_x' }],
    },
  }
  const line = `❓ syscall ${at} f\n`
  assert.equal(print(value), line)
  assert.equal(print(value, { stackTraces: true }), `${line}Kernel:\n   0x1000: do_x+0x10\n`)
  const args = [{ file_arg: { path: '/etc/passwd' } }]
  const lsm = { process_lsm: { process, function_name: 'f', ima_hash: 'sha256:ab', args } }
  assert.equal(print(lsm), `🔒 LSM     ${at} f\n`)
  assert.equal(print(lsm, { imaHash: true }), `🔒 LSM     ${at} f\n   /etc/passwd sha256:ab\n`)
})

test('an event that stands for several ends with their number', () => {
  const value = { process_kprobe: { process, function_name: 'f' } }
  const counted = (count: string) => print({ ...value, aggregation_info: { count } })
  assert.equal(counted('934'), `❓ syscall ${at} f ×934\n`)
  assert.equal(counted('1'), print(value))
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
