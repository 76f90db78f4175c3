import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

/** A hook on lseek with arguments chosen by the process; it fails on an invalid descriptor. */
function lseek(selectors: string): string {
  return `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int64
  selectors:
${selectors}`
}

function matching(operator: string, value: number | string, index = 0): string {
  return `
  - matchArgs:
    - index: ${index}
      operator: ${operator}
      values: ["${value}"]`
}

/** A sequence of `times` selectors, each with another value. */
function many(times: number): string {
  return Array.from({ length: times }, (_, i) => matching('Equal', -1000 - i)).join('')
}

const action = (name: string): string => `
    matchActions:
    - action: ${name}`

const seek = (fd: number, offset: number) => ['try', 'lseek', String(fd), String(offset), '0']

export const orderCases: readonly PolicyCase[] = [
  {
    name: 'one of several is enough, and posts once',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(matching('Equal', -3) + matching('Equal', -4) + matching('LessThan', -2)),
    hit: seek(-4, 0),
    miss: seek(-2, 0),
  },
  {
    name: 'all parts of one must match',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(`
  - matchArgs:
    - index: 0
      operator: Equal
      values: ["-3"]
    - index: 1
      operator: GreaterThan
      values: ["10"]
    matchPIDs:
    - operator: NotIn
      values: [1]`),
    hit: seek(-3, 11),
    miss: [...seek(-3, 10), '--', ...seek(-2, 11)],
  },
  {
    name: 'an earlier one with NoPost decides',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(matching('Equal', -5) + action('NoPost') + matching('LessThan', -2)),
    hit: seek(-6, 0),
    miss: seek(-5, 0),
  },
  {
    name: 'a later one with NoPost does not suppress the event of an earlier one',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(matching('Equal', -5) + matching('LessThan', -2) + action('NoPost')),
    hit: seek(-5, 0),
    miss: seek(-6, 0),
  },
  {
    name: 'an empty one matches everything that earlier ones do not',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(
      `${matching('GreaterThan', -3) + action('NoPost')}
  - matchActions:
    - action: Post`,
    ),
    hit: seek(-3, 0),
    miss: seek(-2, 0),
    expect({ body }) {
      assert.equal(body.action, 'KPROBE_ACTION_POST')
    },
  },
  {
    name: 'the last of forty',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(many(40)),
    hit: seek(-1039, 0),
    miss: [...seek(-1040, 0), '--', ...seek(-999, 0)],
  },
  {
    name: 'the last of two hundred',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(many(200)),
    hit: seek(-1199, 0),
    miss: seek(-1200, 0),
  },
  {
    name: 'forty that can all match at once',
    covers: { kind: 'selector', name: 'selectors' },
    policy: lseek(Array.from({ length: 40 }, (_, i) => matching('Mask', 2 ** (i + 1), 1)).join('')),
    hit: seek(-1, 2 ** 40),
    miss: seek(-1, 2 ** 41 + 1),
  },
]
