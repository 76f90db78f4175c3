import { type Bytes, type Int, kernelStruct } from '@tetragon-ts/ebpf/lang'
import { asInt, asPointer, type Hit } from '../hook/hit.ts'
import { readString } from '../hook/memory.ts'
import type { ArgumentType, ArgumentValue } from './argument-type.ts'

const textMax = 4096

/** include/linux/fs.h: a name that was copied from user space. */
const Filename = kernelStruct<{ readonly name: Int }>('filename')

/** The string at an address, read when the tail is written. */
function stringAt(hit: Hit, address: Int, max = textMax) {
  let failed: Int | undefined
  const writeTail = (to: Bytes) => {
    const text = readString(hit, to, max, address)
    failed = text.failed
    return text.length
  }
  return { fields: () => ({}), unreadable: () => failed, writeTail } satisfies ArgumentValue
}

const json: ArgumentType['json'] = (out, { bytes, from, to }) => {
  out.latin1('"string_arg":"')
  out.jsonText(bytes, from, to)
  out.byte(0x22)
}

const text = { shape: {}, facets: ['text'], costly: true, json } as const

/** A zero-terminated string. */
const stringType: ArgumentType = {
  ...text,
  expects: { kind: 'bytes' },
  readsUserMemory: true,
  tailMax: textMax,
  read(hit, raw) {
    const from = asInt(hit.k, raw)
    return { ...stringAt(hit, from), from }
  },
}

/** The name in a struct filename. */
const filenameType: ArgumentType = {
  ...text,
  expects: { kind: 'structure', names: ['filename'] },
  tailMax: textMax,
  read(hit, raw) {
    const from = asPointer(hit.k, raw, Filename).name
    return { ...stringAt(hit, from), from }
  },
}

/** include/linux/netdevice.h: the name is an array of IFNAMSIZ bytes in the structure. */
const NetDevice = kernelStruct<{ readonly name: object }>('net_device')
const nameMax = 16

/** The name of a network device. */
const netDeviceType: ArgumentType = {
  ...text,
  expects: { kind: 'structure', names: ['net_device'] },
  tailMax: nameMax,
  read(hit, raw) {
    const { k } = hit
    return stringAt(hit, k.addressOf(asPointer(k, raw, NetDevice), 'name'), nameMax)
  },
}

/** A string of a tracepoint that is after the fields of its record (`__data_loc char[]`). */
const dataLocType: ArgumentType = {
  ...text,
  expects: { kind: 'anything' },
  tailMax: textMax,
  read(hit, raw) {
    const { k } = hit
    const address = asInt(k, raw)
    return stringAt(hit, address)
  },
}

export const textTypes = {
  string: stringType,
  filename: filenameType,
  net_device: netDeviceType,
  data_loc: dataLocType,
}
