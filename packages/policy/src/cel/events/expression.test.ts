import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import fc from 'fast-check'
import { FilterError } from '../../filter-error.ts'
import { compileFilter, filterSubject, prepareFilters } from '../../testing/index.ts'
import { compileExpression } from './compile-expression.ts'

const exec = {
  process_exec: {
    process: {
      pid: 7,
      uid: 0,
      binary: '/usr/bin/curl',
      arguments: '-k "x y"',
      start_time: '2024-05-06T07:08:09.123456789Z',
      pod: { namespace: 'default', pod_labels: { app: 'wing' } },
      cap: { effective: ['CAP_SYS_ADMIN'] },
      tid: 7,
    },
    parent: { binary: '/bin/bash' },
    ancestors: [{ binary: '/sbin/init' }],
  },
  node_name: 'n',
}
const kprobe = {
  process_kprobe: {
    process: { pid: 9, binary: '/bin/cat' },
    function_name: 'tcp_connect',
    action: 'KPROBE_ACTION_SIGKILL',
    args: [
      { sock_arg: { daddr: '10.1.2.3', dport: 443, cookie: '18446744073709551615' } },
      { int_arg: -3 },
      { bytes_arg: 'YWI=' },
    ],
    policy_name: 'p',
  },
}

function matched(expression: string): string {
  const match = compileExpression(expression)
  return [exec, kprobe].map((event) => (match(event as object) ? '1' : '0')).join('')
}

test('expressions can read every field of an event', () => {
  const cases: Record<string, string> = {
    true: '11',
    'process_exec.process.binary == "/usr/bin/curl"': '10',
    'process_exec.process.binary.endsWith("curl") && process_exec.process.uid == 0u': '10',
    'process_exec.process.pid > uint(3)': '10',
    'process_exec.process.pid in [7u, 8u]': '10',
    'process_exec.process.arguments.contains("x y")': '10',
    'process_exec.parent.binary.startsWith("/bin")': '10',
    'process_exec.ancestors.exists(a, a.binary == "/sbin/init")': '10',
    'process_exec.process.pod.pod_labels["app"] == "wing"': '10',
    '"app" in process_exec.process.pod.pod_labels': '10',
    'process_exec.process.start_time > timestamp("2024-05-06T07:08:09Z")': '10',
    'process_exec.process.cap.effective.exists(c, c == tetragon.CapabilitiesType.CAP_SYS_ADMIN)':
      '10',
    'has(process_exec.process.pod)': '10',
    'has(process_kprobe.process.pod)': '00',
    'has(process_kprobe.policy_name) && !has(process_kprobe.message)': '01',
    'has(process_kprobe.process.pid)': '01',
    'has(process_exec.process.pod.pod_labels.app)': '10',
    'process_kprobe.args[0].sock_arg.dport == 443u': '01',
    'process_kprobe.args[0].sock_arg.cookie == 18446744073709551615u': '01',
    'process_kprobe.args[1].int_arg < 0': '01',
    'process_kprobe.args[2].bytes_arg == b"ab"': '01',
    'process_kprobe.args.size() == 3': '01',
    'process_kprobe.action == tetragon.KprobeAction.KPROBE_ACTION_SIGKILL': '01',
    'process_kprobe.function_name.matches("^tcp_[[:alpha:]]+$")': '01',
    'process_kprobe.function_name.matches("(?i)TCP")': '01',
    // An unset field reads as empty, but has no number to compare with.
    'process_exec.process.binary == ""': '01',
    'process_exec.process.pid < 100u': '10',
    '!(process_exec.process.pid < 100u)': '00',
    'cidr("10.0.0.0/8").containsIP(process_kprobe.args[0].sock_arg.daddr)': '01',
    'cidr("fe80::/10").containsIP(ip("fe80::1"))': '11',
    'ip("127.0.0.1").isLoopback() && !ip("::2").isLoopback()': '11',
    'ip("8.8.8.8").isGlobalUnicast() && ip("1.2.3.4").family() == 4': '11',
    'cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && isIP("::ffff") && !isIP("1.2.3")': '11',
    'cidr("10.0.0.0/8").prefixLength() == 8 && !isCIDR("10.0.0.0/33")': '11',
    'process_exec.process.binary.matches("a" + "(")': '00',
  }
  for (const [expression, expected] of Object.entries(cases)) {
    assert.equal(matched(expression), expected, expression)
  }
})

test('invalid expressions are refused with the position', () => {
  const cases: Record<string, RegExp> = {
    'process_exec.process.bad_field == ""': /No such key: bad_field at character 22$/,
    'process_exec.process.binary +': /at character 30$/,
    'process_exec.process.binary': /the result is string, not bool/,
    'process_exec.process.pid == 5': /no such overload: uint == int at character 1$/,
    'nothing == 1': /nothing.* at character 1$/,
    'true && process_exec.process.binary.matches("a(")': /missing \).* at character 45$/,
    'process_exec.process.binary.nope()': /nope/,
    '': /at character 1$/,
    '((((((((((((((((': /at character/,
    '[1].all(a, [1].exists(b, [1].map(c, c) == [a]))': /more than 2 loops in each other at char/,
  }
  for (const [expression, message] of Object.entries(cases)) {
    assert.throws(
      () => compileExpression(expression),
      (error: Error) => error instanceof FilterError && message.test(error.message),
      expression,
    )
  }
  assert.throws(() => compileExpression(`${'('.repeat(5000)}true`), FilterError)
  assert.throws(() => compileExpression(`"${'a'.repeat(20_000)}" == ""`), /it is too long/)
  assert.throws(() => compileExpression('"\u001b[2J" +'), /CEL expression ""\\u001b|\\x1b/)
})

test('any text is an expression or refused, and any event is matched or not', () => {
  const word = fc.constantFrom(
    ...['process_exec', 'process_kprobe', '.', 'process', 'args', '[', ']', '(', ')', '0', '1u'],
    ...['"a"', '==', '&&', '||', '!', '+', 'has', 'matches', 'exists', ',', 'a', ' ', '?', ':'],
  )
  const texts = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const match = compileExpression(text)
        assert.equal(typeof match(exec), 'boolean')
      } catch (error) {
        assert.ok(error instanceof FilterError, String(error))
      }
    }),
  )
})

test('filters accept expressions once these are loaded', async () => {
  const filter = { cel_expression: ['process_exec.process.pid == 8u', 'has(process_kprobe.args)'] }
  assert.throws(() => compileFilter(filter), /not loaded/)
  await prepareFilters([{}, filter])
  const match = compileFilter(filter)
  const results = [exec, kprobe].map((event) => {
    const parsed = parseEvent(JSON.stringify(event))
    return parsed.ok && match(filterSubject(parsed.event))
  })
  assert.deepEqual(results, [false, true])
})
