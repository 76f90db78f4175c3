import type { Bytes, Cell, Code, Int } from '@tetragon-ts/ebpf/lang'
import { type Fields, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Argument } from '@tetragon-ts/policy'
import { asInt, type Hit } from '../hook/hit.ts'
import { isError, readAny } from '../hook/memory.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import { jsonInteger64 } from './json.ts'
import type { JsonWriter } from './json-writer.ts'
import { PieceSender } from './long-data.ts'
import { SegmentWalker, walkerState } from './segment-walker.ts'

const bufferMax = 4096
/** Maximum length of a buffer with `maxData`. */
export const longBufferMax = 327_360

/**
 * Fixed part of values that are shown as bytes: length, bytes sent in pieces, and the size of
 * elements that are numbers.
 */
export const bytesShape = { size: u64, sent: u32, element: u32 } as const
export type BytesShape = typeof bytesShape

/** The length of a buffer, from another parameter or the return value. */
export function sizeOfBuffer(hit: Hit, { sizeIndex, returnCopy }: Argument): Int {
  const { k } = hit
  const size = k.variable(0)
  const given = sizeIndex === undefined ? undefined : hit.parameter(sizeIndex)
  if (given) size.set(asInt(k, given))
  else if (returnCopy && hit.result) {
    const result = asInt(k, hit.result)
    k.when(result.signedGt(0), () => size.set(result))
  }
  return size
}

/** The number in a cell, at most the limit. */
export function atMost(k: Code, value: Cell, limit: number): Int {
  k.when(value.get().gt(limit), () => value.set(limit))
  const mask = 2 ** Math.ceil(Math.log2(limit + 1)) - 1
  return value.get().and(mask)
}

/** Writes bytes in API form, with the original length if some are missing. */
export function bytesJson(out: JsonWriter, value: DecodedArgument<Fields<BytesShape>>): void {
  const { fields, bytes, from, to, pieces } = value
  // If a piece was lost, only the beginning in the record is shown.
  const isWhole = pieces !== undefined && fields.sent > 0 && pieces.length === fields.sent
  const whole = isWhole ? pieces : bytes.subarray(from, to)
  const cut = fields.size > whole.length
  out.latin1(cut ? '"truncated_bytes_arg":{"bytes_arg":"' : '"bytes_arg":"')
  out.base64(whole)
  out.byte(0x22)
  if (!cut) return
  out.latin1(',"orig_size":')
  jsonInteger64(out, fields.sizeHigh, fields.sizeLow, false)
  out.byte(0x7d)
}

/** Bytes whose length is another parameter or the return value. */
export const charBufType: ArgumentType<BytesShape> = {
  facets: ['text'],
  expects: { kind: 'bytes' },
  shape: bytesShape,
  tailMax: bufferMax,
  costly: true,
  readsUserMemory: true,
  read(hit, raw, argument, context) {
    const { k } = hit
    const address = asInt(k, raw)
    const size = sizeOfBuffer(hit, argument)
    let failed: Int | undefined
    let sent: Cell | undefined
    const writeTail = (to: Bytes) => {
      const length = atMost(k, context.scratch(8, 'length').cell(0, size), bufferMax - 1)
      const result = readAny(hit, to, length, address)
      failed = isError(result)
      const whole = result.shiftRightSigned(63).xor(-1)
      return length.and(whole).and(bufferMax - 1)
    }
    const segments = () =>
      new SegmentWalker(hit, context.scratch(walkerState, 'segments'), { address, length: size })
    const writePieces = (index: number): void => {
      const total = context.scratch(8).cell(0)
      sent = total
      k.when(size.ge(bufferMax), () => {
        const most = atMost(k, context.scratch(8, 'length').cell(0, size), longBufferMax)
        total.set(new PieceSender(hit, context, index).send(segments(), most))
      })
    }
    return {
      fields: () => ({ size, sent: sent?.get() ?? 0, element: 0 }),
      unreadable: () => failed,
      from: address,
      writeTail,
      ...(argument.maxData ? { writePieces } : {}),
    }
  },
  json: bytesJson,
}

export const charBufTypes = { char_buf: charBufType }
