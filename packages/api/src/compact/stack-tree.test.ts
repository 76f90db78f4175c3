import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../event.ts'
import type { StackTraceEntry } from '../events/hook-events.ts'
import { noPaint } from '../lines/colour.ts'
import { parseEvent } from '../testing/index.ts'
import { StackTree } from './stack-tree.ts'

const main = { symbol: 'main', symbol_offset: '16', module: '/bin/a', offset: '4112' }
const start = { symbol: '_start', symbol_offset: '5', module: '/bin/a', offset: '4101' }
const outer = { symbol: 'outer', module: '/bin/a', offset: '8192' }
const [one, two] = ['one', 'two'].map((symbol) => ({ symbol, module: '/bin/a', offset: '12288' }))

function event(id: string, user: readonly StackTraceEntry[], kernel: object[] = []): Event {
  const body = { process: { exec_id: id }, user_stack_trace: user, kernel_stack_trace: kernel }
  const parsed = parseEvent(JSON.stringify({ process_tracepoint: body }))
  assert.ok(parsed.ok)
  return parsed.event
}

test('frames are printed below their callers, those of the kernel last', () => {
  const kernel = [
    { symbol: 'do_write', offset: '1' },
    { symbol: 'xfs_x', module: 'xfs' },
  ]
  assert.equal(
    new StackTree(noPaint).print(event('a', [main, start], kernel)),
    `   _start+0x5 (/bin/a+0x1005)
   └main+0x10 (/bin/a+0x1010)
    └xfs_x [xfs]
     └do_write+0x1 [kernel]
`,
  )
})

test('frames of the same process as before are folded', () => {
  const tree = new StackTree(noPaint)
  tree.print(event('a', [one, outer, main, start]))
  const folded = '   … 3 frames as before\n     └'
  assert.equal(tree.print(event('a', [two, outer, main, start])), `${folded}two (/bin/a+0x3000)\n`)
  // The innermost frame of an equal stack is shown.
  assert.equal(tree.print(event('a', [two, outer, main, start])), `${folded}two (/bin/a+0x3000)\n`)
  const other = tree.print(event('b', [two, outer, main, start]))
  assert.equal(other.split('\n').length, 5)
  assert.equal(tree.print(event('b', [])), '')
})

test('frames without module, and hostile names', () => {
  const frames = [{}, { symbol: 'a\nb', module: '\x1b[31m', address: '255' }]
  const text = new StackTree(noPaint).print(event('a', frames))
  assert.match(text, /^ {3}0xff \S+ \(\S+\)\n {3}└\(\?\)\n$/)
  assert.ok(!text.includes('\x1b'))
})
