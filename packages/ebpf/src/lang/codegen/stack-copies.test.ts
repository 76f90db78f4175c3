import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as asm from '../../asm/index.ts'
import { StackCopies } from './stack-copies.ts'

const { r0, r1, r2, r10 } = asm

/** r0 and r1 hold what stands at -8 and -16. */
function copies(): StackCopies {
  const made = new StackCopies()
  made.add(r0, -8)
  made.add(r1, -16)
  return made
}

const label = asm.label('somewhere')
const cases: { what: string; instruction: asm.Instruction; left: [boolean, boolean] }[] = [
  { what: 'a load into the register', instruction: asm.load(8, r0, r2, 0), left: [false, true] },
  { what: 'arithmetic with the register', instruction: asm.add(r1, 1), left: [true, false] },
  { what: 'a wide load', instruction: asm.loadImm64(r1, 5n), left: [true, false] },
  { what: 'a call', instruction: asm.call(1), left: [false, false] },
  { what: 'a store to the place', instruction: asm.store(8, r10, -8, r2), left: [false, true] },
  {
    what: 'a store to a part of it',
    instruction: asm.storeImm(1, r10, -6, 0),
    left: [false, true],
  },
  { what: 'a store across both', instruction: asm.store(8, r10, -12, r2), left: [false, false] },
  {
    what: 'an addition to the place',
    instruction: asm.atomicAdd(8, r10, -8, r2),
    left: [false, true],
  },
  {
    what: 'an exchange with the register',
    instruction: asm.atomicExchange(8, r2, 0, r1),
    left: [false, false],
  },
  { what: 'a store of the register', instruction: asm.store(8, r2, 0, r0), left: [true, true] },
  { what: 'a jump', instruction: asm.jumpIf('eq', r0, 0, label), left: [true, true] },
]

for (const { what, instruction, left } of cases) {
  test(`copies are known after ${what}: ${left.join(', ')}`, () => {
    const held = copies()
    held.follow(instruction)
    assert.deepEqual([held.has(r0, -8), held.has(r1, -16)], left)
  })
}
