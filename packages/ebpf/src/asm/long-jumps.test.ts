import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mov } from './alu.ts'
import { type Assembled, assemble, isPlace } from './assemble.ts'
import { exit, jump, jumpIf } from './branch.ts'
import { type Item, label, place } from './instruction.ts'
import { withLongJumps } from './long-jumps.ts'
import { GOTO_LONG } from './opcode.ts'
import { r0, r1 } from './register.ts'

const filler = (count: number): Item[] => Array.from({ length: count }, () => mov(r0, 0))

/** The slot at which execution continues after a jump is taken, followed to a long jump. */
function landing({ bytes, instructionOffsets }: Assembled, at: number): number {
  const view = new DataView(bytes.buffer)
  const slot = instructionOffsets[at]
  const to = slot + 1 + view.getInt16(slot * 8 + 2, true)
  if (view.getUint8(slot * 8) === GOTO_LONG) return slot + 1 + view.getInt32(slot * 8 + 4, true)
  if (view.getUint8(to * 8) === GOTO_LONG) return to + 1 + view.getInt32(to * 8 + 4, true)
  return to
}

const isJump = (item: Item): boolean => !isPlace(item) && item.target !== undefined

describe('withLongJumps', () => {
  it('leaves programs as they are whose jumps are short', () => {
    const end = label('end')
    const items = [jumpIf('eq', r1, 0, end), ...filler(30_000), place(end), exit()]
    assert.equal(withLongJumps(items), items)
    assemble(items)
  })

  it('lets every jump reach its label, forwards and backwards', () => {
    const [start, end] = [label('start'), label('end')]
    const body = Array.from({ length: 9000 }, () => [jumpIf('eq', r1, 0, end), ...filler(4)]).flat()
    const back = [jumpIf('ne', r1, 0, start), jump(start)]
    const items = withLongJumps([place(start), ...filler(1), ...body, ...back, place(end), exit()])
    const code = assemble(items)
    const { instructionOffsets, count } = code
    const conditions = items.flatMap((item, i) =>
      isJump(item) && !isPlace(item) && (item.target === end || item.target?.name === 'end')
        ? i
        : [],
    )
    const taken = conditions.filter((i) => {
      const item = items[i]
      return !isPlace(item) && item.code !== GOTO_LONG
    })
    assert.equal(taken.length, 9000)
    for (const i of taken) assert.equal(landing(code, i), count - 1)
    const last = items.findLastIndex((item) => !isPlace(item) && item.target === start)
    assert.equal(landing(code, last), 0)
    assert.ok(instructionOffsets[last] > 45_000)
  })
})
