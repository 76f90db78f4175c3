import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as asm from './index.ts'
import { label, r0, r1, r2, r6, r10 } from './index.ts'

const end = label('end')

const lines: readonly [asm.Instruction, string][] = [
  [asm.mov(r1, r6), 'r1 = r6'],
  [asm.mov32(r1, -5), 'w1 = -5'],
  [asm.movSigned(r1, r2, 16), 'r1 = (s16)r2'],
  [asm.add(r1, 8), 'r1 += 8'],
  [asm.alu('arsh', r1, r2, { bits: 32 }), 'w1 s>>= w2'],
  [asm.signedMod(r1, 3), 'r1 s%= 3'],
  [asm.neg32(r1), 'w1 = -w1'],
  [asm.toBigEndian(r1, 16), 'r1 = be16 r1'],
  [asm.toLittleEndian(r1, 32), 'r1 = le32 r1'],
  [asm.swapBytes(r1, 64), 'r1 = bswap64 r1'],
  [asm.load(4, r1, r6, 8), 'r1 = *(u32 *)(r6 + 8)'],
  [asm.loadSigned(1, r1, r6, 0), 'r1 = *(s8 *)(r6 + 0)'],
  [asm.store(8, r10, -8, r1), '*(u64 *)(r10 - 8) = r1'],
  [asm.storeImm(2, r10, -2, 7), '*(u16 *)(r10 - 2) = 7'],
  [asm.atomicAdd(8, r1, 0, r2), 'lock *(u64 *)(r1 + 0) += r2'],
  [asm.atomicFetchOr(4, r1, 4, r2), 'w2 = atomic_fetch_or((u32 *)(r1 + 4), w2)'],
  [asm.atomicExchange(8, r1, 0, r2), 'r2 = atomic64_xchg((u64 *)(r1 + 0), r2)'],
  [asm.atomicCompareExchange(8, r1, 0, r2), 'r0 = atomic64_cmpxchg((u64 *)(r1 + 0), r0, r2)'],
  [asm.loadAcquire(8, r1, r2, 0), 'r1 = load_acquire((u64 *)(r2 + 0))'],
  [asm.storeRelease(4, r1, 0, r2), 'store_release((u32 *)(r1 + 0), r2)'],
  [asm.loadImm64(r1, 0x1122334455667788n), 'r1 = 0x1122334455667788 ll'],
  [asm.loadMapFd(r1, 5), 'r1 = map[fd:5]'],
  [asm.loadMapValue(r1, 5, 16), 'r1 = map[fd:5][0] + 16'],
  [asm.loadKernelSymbol(r1, 77), 'r1 = kernel-symbol#77'],
  [asm.loadFunction(r1, end), 'r1 = function end'],
  [asm.jump(end), 'goto end'],
  [asm.jumpLong(end), 'gotol end'],
  [asm.mayGoto(end), 'may_goto end'],
  [asm.jumpIf('sle', r1, -1, end), 'if r1 s<= -1 goto end'],
  [asm.jumpIf('set', r1, r2, end, { bits: 32 }), 'if w1 & w2 goto end'],
  [asm.call(125), 'call bpf_ktime_get_boot_ns#125'],
  [asm.call(4711), 'call unknown#4711'],
  [asm.callKfunc(1234), 'call kernel-function#1234'],
  [asm.callLocal(end), 'call end'],
  [asm.exit(), 'exit'],
]

test('one instruction is one line', () => {
  for (const [insn, text] of lines) assert.equal(asm.format(insn), text)
})

test('a note stands behind its instruction', () => {
  const insn = asm.mov(r0, 0)
  insn.note = 'nothing found'
  assert.equal(asm.format(insn), 'r0 = 0 ; nothing found')
})

test('bytes are listed with slots and distances', () => {
  const { bytes } = asm.assemble([
    asm.loadImm64(r1, 5n),
    asm.jumpIf('ne', r1, 0, end),
    asm.callLocal(end),
    asm.mov(r0, 0),
    asm.place(end),
    asm.exit(),
  ])
  assert.equal(
    asm.format(bytes),
    [
      '   0: r1 = 0x5 ll',
      '   2: if r1 != 0 goto +2',
      '   3: call pc+1',
      '   4: r0 = 0',
      '   5: exit',
    ].join('\n'),
  )
})
