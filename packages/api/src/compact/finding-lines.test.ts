import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '../testing/index.ts'
import { compactPrinter } from './compact-printer.ts'

const process = { binary: '/usr/bin/id', arguments: '', pod: { namespace: 'ns', name: 'p' } }
const finding = {
  rule: 'id',
  title: 'Discovery of users',
  level: 'low',
  techniques: ['T1033'],
  fields: [{ field: 'Image', value: '/usr/bin/id\n\u001b[2J' }],
  repeated: '7',
}

test('findings are printed below their event, only where they are asked for', () => {
  const parsed = parseEvent(JSON.stringify({ process_exec: { process }, findings: [finding] }))
  assert.ok(parsed.ok)
  assert.equal(compactPrinter()(parsed.event), '🚀 process ns/p /usr/bin/id \n')
  assert.equal(
    compactPrinter({ findings: 'informational' })(parsed.event),
    [
      '🚀 process ns/p /usr/bin/id ',
      '   🚨 low      Discovery of users (T1033, and 7 more since the last one)',
      '      Image /usr/bin/id\\n\\x1b[2J',
      '',
    ].join('\n'),
  )
})

test('findings of rules that kill say whether the kernel does', () => {
  const print = (action_state?: string): string => {
    const findings = [{ title: 'Shell', action: 'kill', action_state }]
    const parsed = parseEvent(JSON.stringify({ process_exec: { process }, findings }))
    assert.ok(parsed.ok)
    return compactPrinter({ findings: 'informational' })(parsed.event).split('\n')[1].trim()
  }
  assert.match(print('in_force'), /Shell \(kill\)$/)
  assert.match(print('monitor'), /Shell \(kill only counted\)$/)
  assert.match(print('not_in_force'), /Shell \(kill not in force\)$/)
})

test('findings of correlations name the number of processes, and whether they are certain', () => {
  const correlation = { title: 'Scan', exec_ids: ['a', 'b'], uncertain: true }
  const parsed = parseEvent(JSON.stringify({ process_exec: { process }, findings: [correlation] }))
  assert.ok(parsed.ok)
  assert.match(
    compactPrinter({ findings: 'informational' })(parsed.event),
    / {3}🚨 {10}Scan \(uncertain, since events were lost, 2 processes\)\n$/,
  )
})

test('levels from outside are escaped, and unknown ones are always printed', () => {
  const level = '\u001b[2J'
  const findings = [{ title: 'a', level }, { title: 'b', level: 'constructor' }, { title: 'c' }]
  const parsed = parseEvent(JSON.stringify({ process_exec: { process }, findings }))
  assert.ok(parsed.ok)
  assert.equal(
    compactPrinter({ findings: 'high' })(parsed.event),
    '🚀 process ns/p /usr/bin/id \n   🚨 \\x1b[2J  a\n   🚨 constructor b\n',
  )
})
