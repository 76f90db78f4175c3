import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FieldFilter, type Filter, parseEvent } from '@tetragon-ts/api'
import { hostileEvent } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { compileRegExp, RegExpError } from '../regexp/regexp.ts'
import { compileFieldFilter, compileFieldFilters } from './field-filter.ts'
import { compileFilter, compileFilters, filterSubject } from './filters.ts'

const inPod = {
  process_exec: {
    process: {
      binary: '/usr/bin/curl',
      arguments: 'cilium.io',
      pid: 7,
      pod: {
        namespace: 'default',
        name: 'xwing',
        container: { name: 'spaceship', maybe_exec_probe: true },
        pod_labels: { app: 'wing', 'k8s.io/tier': '' },
      },
      cap: { effective: ['CAP_CHOWN', 'DAC_OVERRIDE'], permitted: ['CAP_CHOWN', 41] },
    },
    parent: { binary: '/usr/bin/bash', arguments: '-i' },
    ancestors: [{ binary: '/sbin/init' }],
  },
}
const onHost = {
  process_kprobe: {
    process: { binary: '/bin/cat', in_init_tree: true, container: { name: 'tiefighter' } },
    policy_name: 'files',
  },
}
const throttled = { process_throttle: { cgroup: '/c' } }

function matched(filter: Filter): string {
  const match = compileFilter(filter)
  return [inPod, onHost, throttled]
    .map((value) => {
      const parsed = parseEvent(JSON.stringify(value))
      assert.ok(parsed.ok)
      return match(filterSubject(parsed.event)) ? '1' : '0'
    })
    .join('')
}

test('finding_level is the lowest level; findings without a level have the lowest', () => {
  const levelsOf = (...levels: readonly (string | undefined)[]) => {
    const findings = levels.map((level) => ({ title: 'x', ...(level && { level }) }))
    const parsed = parseEvent(JSON.stringify({ ...onHost, findings }))
    assert.ok(parsed.ok)
    return filterSubject(parsed.event)
  }
  const passes = (finding_level: string, ...levels: readonly (string | undefined)[]) =>
    compileFilter({ finding_level })(levelsOf(...levels))
  assert.ok(passes('medium', 'low', 'critical'))
  assert.ok(passes('medium', 'medium'))
  assert.ok(!passes('medium', 'low', undefined))
  assert.ok(passes('informational', undefined))
  assert.ok(!passes('informational'))
  assert.throws(
    () => compileFilter({ finding_level: 'urgent' }),
    /unknown level urgent \(expected informational/,
  )
})

test('each field of a filter selects its events', () => {
  const cases: [Filter, string][] = [
    [{}, '111'],
    [{ namespace: [] }, '111'],
    [{ event_set: ['PROCESS_EXEC', 'PROCESS_THROTTLE'] }, '101'],
    [{ event_set: [9] }, '010'],
    [{ namespace: ['default'] }, '100'],
    [{ namespace: [''] }, '010'],
    [{ namespace: ['', 'default'] }, '110'],
    [{ namespace_regex: ['^def'] }, '100'],
    [{ pod_regex: ['wing$'] }, '100'],
    [{ pod_regex: [''] }, '100'],
    [{ container_name_regex: ['^space'] }, '100'],
    [{ container_name_regex: ['^tie'] }, '010'],
    [{ binary_regex: ['curl', 'wget'] }, '100'],
    [{ binary_regex: ['^/(usr/)?bin/'] }, '110'],
    [{ arguments_regex: ['(?i)CILIUM'] }, '100'],
    [{ parent_binary_regex: ['bash'] }, '100'],
    [{ parent_arguments_regex: ['^-i$'] }, '100'],
    [{ ancestor_binary_regex: ['init'] }, '100'],
    [{ policy_names: ['files'] }, '010'],
    [{ pid: [7] }, '100'],
    [{ labels: ['app=web', 'app in (x, wing),k8s.io/tier'] }, '100'],
    [{ labels: ['!constructor'] }, '100'],
    [{ labels: ['app!=wing'] }, '000'],
    [{ health_check: true }, '100'],
    [{ health_check: false }, '010'],
    [{ capabilities: { effective: { any: ['CAP_BPF', 'CAP_CHOWN'] } } }, '100'],
    [{ capabilities: { effective: { all: ['CAP_BPF', 'CAP_CHOWN'] } } }, '000'],
    [{ capabilities: { effective: { exactly: [1, 'CAP_CHOWN'], none: ['CAP_BPF'] } } }, '100'],
    [{ capabilities: { permitted: { all: [41] }, inheritable: { none: ['CAP_BPF'] } } }, '100'],
    [{ capabilities: { permitted: { exactly: ['CAP_CHOWN'] } } }, '000'],
    [{ capabilities: {} }, '100'],
    [{ in_init_tree: true }, '010'],
    [{ in_init_tree: false }, '100'],
    [{ binary_regex: ['bin'], namespace: ['default'] }, '100'],
    [{ binary_regex: ['cat'], namespace: ['default'] }, '000'],
  ]
  for (const [filter, expected] of cases) {
    assert.equal(matched(filter), expected, JSON.stringify(filter))
  }
})

test('lists of filters allow and deny', () => {
  const subject = { key: 'process_exec', process: { binary: '/bin/a' }, response: {} } as const
  assert.ok(compileFilters([], [])(subject))
  assert.ok(compileFilters([{ binary_regex: ['b$'] }, { binary_regex: ['a$'] }], [])(subject))
  assert.ok(!compileFilters([], [{ binary_regex: ['a$'] }])(subject))
})

test('filters that cannot be evaluated are refused', () => {
  assert.throws(() => compileFilter({ nope: [1] } as Filter), /nope is not supported/)
  assert.throws(() => compileFilter({ event_set: ['NOPE'] }), /unknown event type NOPE/)
  assert.throws(() => compileFilter({ binary_regex: ['('] }), RegExpError)
})

test('regular expressions have RE2 syntax', () => {
  const cases: [pattern: string, text: string, expected: boolean][] = [
    ['(?i)CURL$', '/usr/bin/curl', true],
    ['^/usr/(bin|sbin)/[[:alpha:]]+$', '/usr/bin/curl', true],
    ['\\Aa.c\\z', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?m)^b$', 'a\rb\rc', false],
    ['a\\-b\\_\\:', 'a-b_:', true],
    ['(?P<name>x)\\x{1F680}', 'x🚀', true],
    ['\\Qa.b*\\E+$', 'a.b*', true],
    ['\\Qa.b\\E', 'axb', false],
    ['^\\s$', '\u00a0', false],
    ['^[^\\S]$', '\t', true],
    ['^\\p{Greek}\\pL$', 'λx', true],
    ['^[]a]+$', ']a', true],
    ['^[a\\-z]$', 'm', false],
    ['a{,2}', 'a{,2}', true],
    ['x{2,3}?y', 'xxy', true],
    ['}]', '}]', true],
    ['^.$', '🚀', true],
  ]
  for (const [pattern, text, expected] of cases) {
    assert.equal(compileRegExp(pattern).test(text), expected, pattern)
  }
})

test('errors in regular expressions have positions', () => {
  const cases: [pattern: string, position: number, reason: string][] = [
    ['a(b', 1, 'missing )'],
    ['ab)', 2, 'unexpected )'],
    ['x[a-', 1, 'missing ] [a-'],
    ['x[z-a]', 2, 'invalid character class range z-a'],
    ['*a', 0, 'missing argument to repetition operator *'],
    ['a**', 1, 'invalid nested repetition operator **'],
    ['a{1001}', 1, 'invalid repeat count {1001}'],
    ['a\\', 1, 'trailing backslash at end of expression'],
    ['a\\y', 1, 'invalid escape sequence \\y'],
    ['(a)\\1', 3, 'back references are not supported \\1'],
    ['a(?=b)', 1, 'look-around is not supported (?='],
    ['a(?<!b)', 1, 'look-around is not supported (?<!b)'],
    ['\\p{Klingon}', 0, 'unknown Unicode property'],
    ['[[:foo:]]', 1, 'unknown character class [:foo:]'],
  ]
  for (const [pattern, position, reason] of cases) {
    assert.throws(() => compileRegExp(pattern), { position }, pattern)
    const message = `${reason} at character ${position + 1}`
    assert.throws(
      () => compileRegExp(pattern),
      (error: Error) => error.message.endsWith(message),
    )
  }
})

test('any pattern compiles or is refused with a RegExpError', () => {
  const symbols = fc.constantFrom(...'()[]{}|*+?^$.\\-:,<>=!PpQEdsxa1i \n🚀')
  const pattern = fc.oneof(fc.string({ unit: symbols }), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(pattern, (text) => {
      try {
        compileRegExp(text)
      } catch (error) {
        assert.ok(error instanceof RegExpError, `${text}: ${error}`)
      }
    }),
    { numRuns: 5000 },
  )
})

test('case-insensitive patterns match their texts', () => {
  const cases: [pattern: string, text: string, expected: boolean][] = [
    ['(?i)secret=\\d', 'x SECRET=1', true],
    ['(?i)secret=\\d', 'x SECRET=a secre', false],
    ['(?i)secrets?$', 'my Secret', true],
    ['(?i)secrets*$', 'my Secret', true],
    ['(?i)secrets{0,2}$', 'my Secret', true],
    ['(?i)secrets+$', 'my Secret', false],
    ['(?i)secret|token', 'TOKEN', true],
    ['(?i)(secret|token)', 'TOKEN', true],
    ['(?i)secret[|]x', 'secret|X', true],
    ['(?is)kiss.', '\u212aI\u017f\u017f\n', true],
    ['(?i)', '', true],
  ]
  for (const [pattern, text, expected] of cases) {
    assert.equal(compileRegExp(pattern).test(text), expected, pattern)
  }
})

test('no pattern takes long for a text of 128 KiB', () => {
  const size = 1 << 17
  const texts = ['a'.repeat(size), 'ab'.repeat(size / 2), 'secret '.repeat(size / 7)]
  const patterns = ['(a+)+$b', '(a|aa)+$', '(.*)*[0-9]$', '(?:a?){60}a{60}[bc]$', '\\bsecret\\b.*z']
  for (const pattern of patterns) {
    const compiled = compileRegExp(pattern)
    // A backtracking engine would never finish these.
    for (const text of texts) compiled.test(text)
  }
})

test('any text, quoted, matches itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const quoted = text.replace(/[!-/:-@[-`{-~]/g, '\\$&')
      assert.ok(compileRegExp(`^${quoted}$`).test(text))
    }),
  )
})

test('fields are kept or omitted', () => {
  const parsed = parseEvent(JSON.stringify({ ...inPod, node_name: 'n' }))
  assert.ok(parsed.ok)
  const select = (include: string[], exclude: string[]): unknown =>
    JSON.parse(compileFieldFilter({ include, exclude })(parsed.event))
  assert.deepEqual(select(['process.pid', 'process.pod.name', 'ancestors.binary'], []), {
    process_exec: {
      process: { pid: 7, pod: { name: 'xwing' } },
      ancestors: [{ binary: '/sbin/init' }],
    },
    node_name: 'n',
  })
  assert.deepEqual(select([], ['process', 'parent.arguments']), {
    process_exec: { parent: { binary: '/usr/bin/bash' }, ancestors: [{ binary: '/sbin/init' }] },
    node_name: 'n',
  })
  const parts = ['process.pod.container', 'process.pod.name', 'process.pod.pod_labels']
  assert.deepEqual(select(['process.pod'], parts), {
    process_exec: { process: { pod: { namespace: 'default' } } },
    node_name: 'n',
  })
  assert.deepEqual(select(['function_name'], []), { process_exec: {}, node_name: 'n' })
  for (const bad of ['', 'proces', 'process.', 'process.pid.x', '__proto__', 'constructor']) {
    assert.throws(() => select([bad], []), { code: 'unknown_field' }, bad)
  }
})

test('field filters of a request are applied in order, each to its events', () => {
  const parsed = parseEvent(JSON.stringify({ ...inPod, node_name: 'n' }))
  assert.ok(parsed.ok)
  const body = (...filters: FieldFilter[]) => {
    const { node_name, process_exec } = compileFieldFilters(filters)(parsed.event)
    assert.equal(node_name, 'n')
    return process_exec
  }
  const { process, parent, ancestors } = inPod.process_exec
  assert.deepEqual(body(), inPod.process_exec)
  assert.deepEqual(body({}), inPod.process_exec)
  assert.deepEqual(body({ fields: 'parent,process.pid' }), { process: { pid: 7 }, parent })
  assert.deepEqual(body({ fields: 'process', action: 'EXCLUDE' }), { parent, ancestors })
  const two = [{ fields: 'process,parent' }, { fields: 'process', action: 'EXCLUDE' }] as const
  assert.deepEqual(body(...two), { parent })
  const others: FieldFilter = { event_set: ['PROCESS_EXIT'], fields: 'process' }
  assert.deepEqual(body(others), inPod.process_exec)
  assert.deepEqual(body({ ...others, invert_event_set: true }), { process })
  assert.deepEqual(body({ ...others, event_set: ['PROCESS_EXEC'] }), { process })
  assert.throws(() => body({ fields: 'nonsense' }), { code: 'unknown_field' })
  assert.throws(() => body({ fields: 'process', action: 7 }), { code: 'invalid_filter' })
  assert.throws(() => body({ event_set: [77] }), { code: 'invalid_filter' })
})

test('no event makes a filter throw', () => {
  const match = compileFilter({ binary_regex: ['^/'], namespace: [''], pod_regex: ['.'] })
  const select = compileFieldFilter({ include: ['process.pod', 'args'], exclude: [] })
  fc.assert(
    fc.property(hostileEvent, (value) => {
      const parsed = parseEvent(JSON.stringify(value))
      if (!parsed.ok) return
      match(filterSubject(parsed.event))
      assert.doesNotThrow(() => JSON.parse(select(parsed.event)))
    }),
    { numRuns: 1500 },
  )
})
