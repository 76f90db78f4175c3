import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { asInt, type Hit } from '../hook/hit.ts'
import { isError, readAny } from '../hook/memory.ts'
import type { ArgumentType } from './argument-type.ts'
import { atMost } from './char-buf.ts'

const textMax = 4096

/** Registers of numbers and pointers of Go functions: src/cmd/compile/abi-internal.md of Go. */
const goRegisters =
  processors === 'arm64'
    ? Array.from({ length: 16 }, (_, i) => `x${i}`)
    : ['ax', 'bx', 'cx', 'di', 'si', 'r8', 'r9', 'r10', 'r11']

function goRegister(hit: Hit, index: number): Int {
  return hit.register?.(goRegisters[index]) ?? hit.k.constant(0)
}

/** A string of a Go function: its address is in the register of `index`, its length in the next. */
const goStringType: ArgumentType = {
  facets: ['text'],
  expects: { kind: 'anything' },
  shape: {},
  tailMax: textMax,
  costly: true,
  readsUserMemory: true,
  parameter: (hit, { index }) => goRegister(hit, index),
  read(hit, raw, { index }, context) {
    const { k } = hit
    const from = asInt(k, raw)
    const size = goRegister(hit, index + 1)
    let failed: Int | undefined
    const writeTail = (to: Bytes) => {
      const length = atMost(k, context.scratch(8, 'length').cell(0, size), textMax - 1)
      const result = readAny(hit, to, length, from)
      failed = isError(result)
      return length.and(result.shiftRightSigned(63).xor(-1)).and(textMax - 1)
    }
    return { fields: () => ({}), unreadable: () => failed, from, writeTail }
  },
  json(out, { bytes, from, to }) {
    out.latin1('"string_arg":"')
    out.jsonText(bytes, from, to)
    out.byte(0x22)
  },
}

export const goTypes = { go_string: goStringType }
