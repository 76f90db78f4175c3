import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest } from '@tetragon-ts/policy'
import { answersToTest } from '../testing/answers-to-test.ts'
import { policyTarget } from '../testing/index.ts'
import type { Operand } from './operator.ts'

// The meaning of each operator is tested in test/cases/policies/operators.

/**
 * An emulated kernel loads the variant that it uses, except in a full run: the host, which has
 * bpf_loop, loads both, and the oldest kernel only has loops that are written out.
 */
const { bpfLoop } = policyTarget(Btf.open())
const isFullRun = process.env.TETRAGON_TEST_EXTENT === 'all'
const hasBoth = bpfLoop && (isFullRun || process.env.TETRAGON_TEST_KERNEL === undefined)
const variants = hasBoth ? ([undefined, 'written out'] as const) : ([undefined] as const)

const textAt = 64
const textMax = 4096

function input(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(textAt + textMax)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, textAt)
  return bytes
}

/** A text as programs have it: at an offset that the verifier does not know exactly. */
function textOperand(bytes: Bytes): Operand {
  const length = bytes.load(4, 0).and(textMax - 1)
  return {
    list: 'args',
    position: 0,
    value: { fields: () => ({}) },
    text: { bytes: bytes.at(textAt), length, max: textMax },
  }
}

test('500 strings of up to 4095 bytes', () => {
  const strings = Array.from({ length: 500 }, (_, i) =>
    new TextEncoder().encode(`/${'directory/'.repeat(i % 3 === 0 ? (i * 409) / 500 : 2)}${i}`),
  )
  for (const operator of ['equal-string', 'prefix', 'postfix', 'substring'] as const) {
    const usable = operator === 'substring' ? strings.filter(({ length }) => length < 100) : strings
    const given: ArgumentTest = { operator, strings: usable }
    const inputs = [usable[0], usable[499 % usable.length], new TextEncoder().encode('/none')]
    for (const loops of variants) {
      const seen = answersToTest(given, (bytes) => [textOperand(bytes)], inputs.map(input), loops)
      assert.deepEqual(seen, [true, true, false], operator)
    }
  }
})
