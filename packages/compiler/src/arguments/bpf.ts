import { BpfCmd } from '@tetragon-ts/api'
import { type Bytes, type Code, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { type Fields, type Shape, s32, u32 } from '@tetragon-ts/ebpf/records'
import { asInt, asPointer } from '../hook/hit.ts'
import { isError, readAny, readKernelText, readString } from '../hook/memory.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import { mapTypeName, programTypeName } from './bpf-names.ts'
import { enumNames } from './enum-names.ts'
import { integerType } from './integer.ts'
import type { JsonWriter } from './json-writer.ts'

/** BPF_OBJ_NAME_LEN in include/uapi/linux/bpf.h. */
const nameMax = 16

/** include/linux/bpf.h, include/linux/filter.h */
const BpfProg = kernelStruct<{
  readonly type: Int
  readonly len: Int
  readonly aux: Ptr<{ readonly name: object }>
}>('bpf_prog')

const BpfMap = kernelStruct<{
  readonly map_type: Int
  readonly key_size: Int
  readonly value_size: Int
  readonly max_entries: Int
  readonly name: object
}>('bpf_map')

/** union bpf_attr of BPF_PROG_LOAD: include/uapi/linux/bpf.h, the same in all kernels. */
const programLoad = { type: 0, instructions: 4, name: 48 } as const

const programShape = { type: u32, instructions: u32 } as const satisfies Shape
type ProgramShape = typeof programShape

function programJson(field: string) {
  return (
    out: JsonWriter,
    { fields, bytes, from, to }: DecodedArgument<Fields<ProgramShape>>,
  ): void => {
    out.latin1(`"${field}":{"ProgType":"${programTypeName(fields.type)}"`)
    if (fields.instructions > 0) out.latin1(`,"InsnCnt":${fields.instructions}`)
    nameJson(out, 'ProgName', bytes, from, to)
    out.byte(0x7d)
  }
}

function nameJson(out: JsonWriter, field: string, bytes: Uint8Array, from: number, to: number) {
  if (from === to) return
  out.latin1(`,"${field}":"`)
  out.jsonText(bytes, from, to)
  out.byte(0x22)
}

/** A name in a kernel array, copied to the tail of the record. */
function nameAt(k: Code, address: Int) {
  return (to: Bytes): Int => readKernelText(k, to, nameMax, address)
}

/** The arguments of BPF_PROG_LOAD. */
const bpfAttrType: ArgumentType<ProgramShape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['bpf_attr'], fixed: true },
  shape: programShape,
  tailMax: nameMax,
  costly: true,
  readsUserMemory: true,
  bytesAtAddress: programLoad.name + nameMax,
  read(hit, raw) {
    const { k } = hit
    const attr = k.stackBytes(8)
    const address = asInt(k, raw)
    let failed = isError(readAny(hit, attr, 8, address))
    return {
      fields: () => ({
        type: attr.load(4, programLoad.type),
        instructions: attr.load(4, programLoad.instructions),
      }),
      unreadable: () => failed,
      from: address,
      writeTail(to) {
        const name = readString(hit, to, nameMax, address.add(programLoad.name))
        failed = failed.or(name.failed)
        return name.length
      },
    }
  },
  json: programJson('bpf_attr_arg'),
}

/** A BPF program. */
const bpfProgType: ArgumentType<ProgramShape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['bpf_prog'] },
  shape: programShape,
  tailMax: nameMax,
  costly: true,
  read({ k }, raw) {
    const program = asPointer(k, raw, BpfProg)
    return {
      fields: () => ({ type: program.type, instructions: program.len }),
      pointer: k.address(program),
      writeTail: (to) => nameAt(k, k.addressOf(program.aux, 'name'))(to),
    }
  },
  json: programJson('bpf_prog_arg'),
}

const mapShape = { type: u32, key: u32, value: u32, entries: u32 } as const satisfies Shape

/** A BPF map. */
const bpfMapType: ArgumentType<typeof mapShape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['bpf_map'] },
  shape: mapShape,
  tailMax: nameMax,
  costly: true,
  read({ k }, raw) {
    const map = asPointer(k, raw, BpfMap)
    return {
      fields: () => ({
        type: map.map_type,
        key: map.key_size,
        value: map.value_size,
        entries: map.max_entries,
      }),
      pointer: k.address(map),
      writeTail: (to) => nameAt(k, k.addressOf(map, 'name'))(to),
    }
  },
  json(out, { fields, bytes, from, to }) {
    out.latin1(`"bpf_map_arg":{"MapType":"${mapTypeName(fields.type)}"`)
    if (fields.key > 0) out.latin1(`,"KeySize":${fields.key}`)
    if (fields.value > 0) out.latin1(`,"ValueSize":${fields.value}`)
    if (fields.entries > 0) out.latin1(`,"MaxEntries":${fields.entries}`)
    nameJson(out, 'MapName', bytes, from, to)
    out.byte(0x7d)
  },
}

const commandName = enumNames(BpfCmd)

/** Command of bpf(2). */
const bpfCmdType = integerType(s32, (out, { fields }) => {
  const name = commandName(fields.value)
  // Values that are newer than the API are sent as numbers, as in protobuf JSON.
  out.latin1(`"bpf_cmd_arg":${name === undefined ? fields.value : `"${name}"`}`)
})

export const bpfTypes = {
  bpf_cmd: bpfCmdType,
  bpf_attr: bpfAttrType,
  bpf_prog: bpfProgType,
  bpf_map: bpfMapType,
}
