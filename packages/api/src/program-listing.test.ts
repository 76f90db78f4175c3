import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnnotatedHook } from './messages/policy-programs.ts'
import { hookLines, programCounts } from './program-listing.ts'

const hook: AnnotatedHook = {
  path: 'spec.kprobes[0]',
  call: 'list:calls',
  backend: 'kprobe',
  reason: 'one for all',
  difference: 'later',
  functions: ['a', 'b'],
  omitted_functions: 3,
  refused: [{ name: 'fentry', reason: 'EPERM' }],
  programs: [
    {
      name: 'tg_a',
      attach_point: 'kprobe a',
      instruction_slots: 4,
      parts: [
        { instructions: ['r6 = r1'] },
        { field: 'spec.kprobes[0].args[0]', line: 7, instructions: ['r0 = 0'] },
        { instructions: ['exit'] },
      ],
      omitted_instructions: 1,
      maps: [
        {
          number: 1,
          name: 'tg_events',
          type: 'ringBuffer',
          key_bytes: 0,
          value_bytes: 0,
          max_entries: 4096,
        },
      ],
    },
  ],
}

const programLines = `  program tg_a at kprobe a: 4 instructions
      r6 = r1
    ; spec.kprobes[0].args[0] (line 7)
      r0 = 0
    ; ${''}
      exit
    and 1 more instructions
    map[fd:1]: tg_events        ringBuffer: key 0, value 0, 4096 entries`

test('a hook is listed with its back end, and its programs with the fields of the policy', () => {
  assert.equal(
    hookLines(hook).join('\n'),
    `spec.kprobes[0]: list:calls
  back end kprobe: one for all
  functions a, b and 3 more
  differs: later
  not fentry: EPERM
${programLines}`,
  )
  assert.equal(hookLines({ ...hook, continued: true }).join('\n'), programLines)
})

test('a hook without programs says why', () => {
  const lines = hookLines({ path: 'spec.kprobes[1]', call: 'no_such', note: 'not hooked' })
  assert.deepEqual(lines, ['spec.kprobes[1]: no_such', '  not hooked'])
})

test('programs and their instructions are counted', () => {
  assert.equal(programCounts([hook]), '1 program, 4 instructions')
  assert.equal(programCounts([hook, {}, hook]), '2 programs, 8 instructions')
})
