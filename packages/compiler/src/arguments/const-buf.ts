import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { asInt } from '../hook/hit.ts'
import { isError } from '../hook/memory.ts'
import type { ArgumentType } from './argument-type.ts'
import { type BytesShape, bytesJson, bytesShape, charBufType } from './char-buf.ts'
import { jsonInteger64 } from './json.ts'

const bufferMax = 4096
/** Elements of this size are shown as numbers, each as a separate argument. */
const wordSize = 8

/** An array in a tracepoint's record; for functions the same as char_buf. */
const constBufType: ArgumentType<BytesShape> = {
  facets: ['text'],
  expects: { kind: 'anything' },
  shape: bytesShape,
  tailMax: bufferMax,
  costly: true,
  readsUserMemory: true,
  read(hit, raw, argument, context) {
    const { k } = hit
    const field = hit.field?.(argument.index)
    // For functions, another parameter has the length.
    if (!field) return charBufType.read(hit, raw, argument, context)
    const address = asInt(k, raw)
    const { size, length: count } = field
    const length = Math.min(size, bufferMax - 1)
    let failed: Int | undefined
    const writeTail = (to: Bytes) => {
      failed = isError(k.readKernel(to, length, address))
      return length
    }
    const element = size === count * wordSize ? wordSize : 0
    return { fields: () => ({ size, sent: 0, element }), unreadable: () => failed, writeTail }
  },
  json(out, value) {
    const { fields, bytes, from, to } = value
    if (fields.element !== wordSize) return bytesJson(out, value)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = from; at + wordSize <= to; at += wordSize) {
      if (at > from) out.latin1('},{')
      out.latin1('"size_arg":')
      jsonInteger64(out, view.getUint32(at + 4, true), view.getUint32(at, true), false)
    }
  },
}

export const constBufTypes = { const_buf: constBufType }
