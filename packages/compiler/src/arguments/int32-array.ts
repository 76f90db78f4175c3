import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { asInt } from '../hook/hit.ts'
import { isError, readAny } from '../hook/memory.ts'
import type { ArgumentType } from './argument-type.ts'
import { jsonInteger } from './json.ts'

const elementSize = 4

/** An array of signed numbers, such as the descriptors of pipe2(2); the policy says how many. */
const int32ArrayType: ArgumentType = {
  facets: [],
  expects: { kind: 'bytes' },
  shape: {},
  tailMax: 4096,
  costly: true,
  readsUserMemory: true,
  read(hit, raw, { elements = 0 }) {
    const address = asInt(hit.k, raw)
    const size = elements * elementSize
    let failed: Int | undefined
    const writeTail = (to: Bytes) => {
      const result = readAny(hit, to, size, address)
      failed = isError(result)
      // A null pointer has no elements.
      return result.shiftRightSigned(63).xor(-1).and(size)
    }
    return { fields: () => ({}), unreadable: () => failed, from: address, writeTail }
  },
  json(out, { bytes, from, to }) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    out.latin1('"int32_list_arg":{"values":[')
    for (let at = from; at + elementSize <= to; at += elementSize) {
      if (at > from) out.byte(0x2c)
      jsonInteger(out, view.getInt32(at, true))
    }
    out.latin1(']}')
  },
}

export const arrayTypes = { int32_arr: int32ArrayType }
