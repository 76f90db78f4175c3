import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { type Event, eventOf, type GetEventsResponse } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { tetraCommand } from './tetra-command.ts'

function event(response: GetEventsResponse): Event {
  const parsed = eventOf(response)
  assert.ok(parsed.ok)
  return parsed.event
}

/** The words that a shell passes to the program. */
function words(command: string): string[] {
  const script = command.replace(/^tetra /, `printf '%s\\0' `)
  return spawnSync('/bin/sh', ['-c', script]).stdout.toString().split('\0').slice(0, -1)
}

test('the command selects events of the kind, the binary, the pod and the policy', () => {
  const process = { binary: '/usr/bin/curl', pod: { namespace: 'default', name: 'xwing' } }
  const kprobe = { process, policy_name: 'connect' }
  assert.deepEqual(words(tetraCommand(event({ process_kprobe: kprobe }))), [
    ...['getevents', '--event-types', 'PROCESS_KPROBE', '--process', '^/usr/bin/curl$'],
    ...['--namespace-regex', '^default$', '--pod', '^xwing$', '--policy-names', 'connect'],
  ])
  assert.match(
    tetraCommand(event({ process_exit: { process: { binary: '/bin/a.out' } } })),
    /PROCESS_EXIT --process '\^\/bin\/a\\\.out\$' --host$/,
  )
  assert.equal(
    tetraCommand(event({ rate_limit_info: {} })),
    'tetra getevents --event-types RATE_LIMIT_INFO',
  )
})

test('hostile names cannot leave their word, and have no commas', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
  const hostile = fc.oneof(fc.constantFrom(`'; id #`, '$(id)', '`id`', '\n', ',a', '\u202e'), text)
  fc.assert(
    fc.property(hostile, hostile, hostile, (binary, name, policy_name) => {
      const process = { binary: `/${binary}`, pod: { namespace: 'n', name: `p${name}` } }
      const command = tetraCommand(event({ process_kprobe: { process, policy_name } }))
      assert.match(command, /^[ -~]*$/)
      const [, , , , pattern, , , , pod] = words(command)
      assert.match(pattern, /^\^\/[\w/\\{}.-]*\$$/)
      assert.match(pod, /^\^p[\w/\\{}.-]*\$$/)
    }),
    { numRuns: 100 },
  )
})
