import { TaintedBitsType } from '@tetragon-ts/api'
import { type Bytes, type Code, type Int, kernelStruct } from '@tetragon-ts/ebpf/lang'
import { type Fields, type Shape, u32, u64 } from '@tetragon-ts/ebpf/records'
import { asPointer } from '../hook/hit.ts'
import { readKernelText } from '../hook/memory.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import { bitNames, enumNames } from './enum-names.ts'
import type { JsonWriter } from './json-writer.ts'

/** kernel/module/internal.h: a module that is being loaded. */
const LoadInfo = kernelStruct<{ readonly name: Int; readonly sig_ok: Int }>('load_info')

/** include/linux/module.h */
const Module = kernelStruct<{ readonly name: object; readonly taints: Int; readonly sig_ok: Int }>(
  'module',
)

/** MODULE_NAME_LEN is 56. */
const nameMax = 64
/** Signature state on a kernel that does not check signatures. */
const unchecked = 2

const shape = { taints: u64, signature: u32, padding: u32 } as const satisfies Shape

/** TAINT_FORCED_RMMOD is bit 3 in include/linux/panic.h; the API numbers it differently. */
const forcedUnload = 3
const taintBit = enumNames(TaintedBitsType)
const taintName = (bit: number): string | undefined =>
  bit === forcedUnload ? 'TAINT_FORCED_UNLOAD_MODULE' : taintBit(2 ** bit)

function json(
  out: JsonWriter,
  { fields, bytes, from, to }: DecodedArgument<Fields<typeof shape>>,
): void {
  out.latin1('"module_arg":{"name":"')
  out.jsonText(bytes, from, to)
  out.byte(0x22)
  if (fields.signature !== unchecked) out.latin1(`,"signature_ok":${fields.signature === 1}`)
  const taints = bitNames(taintName, fields.taintsHigh, fields.taintsLow)
  if (taints.length > 0) out.latin1(`,"tainted":${JSON.stringify(taints)}`)
  out.byte(0x7d)
}

function nameAt(k: Code, address: () => Int) {
  return (to: Bytes): Int => readKernelText(k, to, nameMax, address())
}

const common = { shape, tailMax: nameMax, costly: true, json } as const

/** A kernel module. */
const moduleType: ArgumentType<typeof shape> = {
  ...common,
  facets: ['text'],
  expects: { kind: 'structure', names: ['module'] },
  read({ k }, raw) {
    const module = asPointer(k, raw, Module)
    const signature = () => (k.hasField(Module, 'sig_ok') ? module.sig_ok : unchecked)
    return {
      fields: () => ({ taints: module.taints, signature: signature(), padding: 0 }),
      pointer: k.address(module),
      writeTail: nameAt(k, () => k.addressOf(module, 'name')),
    }
  },
}

/** A kernel module that is being loaded. */
const loadInfoType: ArgumentType<typeof shape> = {
  ...common,
  facets: ['text'],
  expects: { kind: 'structure', names: ['load_info'] },
  read({ k }, raw) {
    const info = asPointer(k, raw, LoadInfo)
    const signature = () => (k.hasField(LoadInfo, 'sig_ok') ? info.sig_ok : unchecked)
    return {
      fields: () => ({ taints: 0, signature: signature(), padding: 0 }),
      pointer: k.address(info),
      writeTail: nameAt(k, () => info.name),
    }
  },
}

export const moduleTypes = { module: moduleType, load_info: loadInfoType }
