import { CapabilitiesType } from '@tetragon-ts/api'
import type { Int } from '@tetragon-ts/ebpf/lang'
import { type Shape, s32, u64 } from '@tetragon-ts/ebpf/records'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import { asInt, type Hit } from '../hook/hit.ts'
import { isError, readAny } from '../hook/memory.ts'
import type { ArgumentType } from './argument-type.ts'
import { enumNames } from './enum-names.ts'
import { integerType } from './integer.ts'
import { jsonInteger, textMember } from './json.ts'

const capabilityName = enumNames(CapabilitiesType)
const nameJson = textMember('name')

/** Number of a capability: include/uapi/linux/capability.h. */
const capabilityType = integerType(s32, (out, { fields }) => {
  out.latin1('"capability_arg":{"value":')
  jsonInteger(out, fields.value)
  nameJson(out, capabilityName(fields.value) ?? '')
  out.byte(0x7d)
})

const maskShape = { mask: u64 } as const satisfies Shape

/** A capability set at an address: 64 bits on all kernels, as one number or as two halves. */
export function readCapabilities(hit: Hit, address: Int): { mask: Int; failed: Int } {
  const memory = hit.k.stackBytes(8)
  const failed = readAny(hit, memory, 8, address)
  return { mask: memory.load(8), failed }
}

function capabilitySet(name: ArgumentTypeName): ArgumentType<typeof maskShape> {
  return {
    facets: ['number'],
    expects: { kind: 'bytes' },
    shape: maskShape,
    tailMax: 0,
    costly: true,
    readsUserMemory: true,
    read(hit, raw) {
      const from = asInt(hit.k, raw)
      const { mask, failed } = readCapabilities(hit, from)
      return { fields: () => ({ mask }), mask, unreadable: () => isError(failed), from }
    },
    json(out, { fields }) {
      const { maskHigh, maskLow } = fields
      out.latin1(`"${name}_arg":"${hex(maskHigh)}${hex(maskLow)}"`)
    },
  }
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0')
}

/** The name of the type selects the field of the set in the API. */
export const capabilityTypes = {
  capability: capabilityType,
  kernel_cap_t: capabilitySet('kernel_cap_t'),
  cap_inheritable: capabilitySet('cap_inheritable'),
  cap_permitted: capabilitySet('cap_permitted'),
  cap_effective: capabilitySet('cap_effective'),
}
