import { type Int, kernelStruct } from '@tetragon-ts/ebpf/lang'
import { type Shape, u32, u64 } from '@tetragon-ts/ebpf/records'
import { asPointer } from '../hook/hit.ts'
import { readKernelText } from '../hook/memory.ts'
import type { ArgumentType } from './argument-type.ts'
import { countedNames } from './enum-names.ts'
import { jsonInteger64 } from './json.ts'

/** include/linux/perf_event.h, include/uapi/linux/perf_event.h */
const PerfEvent = kernelStruct<{
  readonly attr: {
    readonly type: Int
    readonly config: Int
    /** For probes: the address of the function's name. */
    readonly config1: Int
    /** For probes: the offset in the function. */
    readonly config2: Int
  }
}>('perf_event')

const nameMax = 128

/** enum perf_type_id; higher numbers are assigned when drivers are registered. */
const types = 'HARDWARE SOFTWARE TRACEPOINT HW_CACHE RAW BREAKPOINT'
const typeName = countedNames('PERF_TYPE_', types)
const firstDynamic = types.split(' ').length

const shape = { config: u64, offset: u64, type: u32, padding: u32 } as const satisfies Shape

/** A performance event; for probes also the function. */
const perfEventType: ArgumentType<typeof shape> = {
  facets: ['text'],
  expects: { kind: 'structure', names: ['perf_event'] },
  shape,
  tailMax: nameMax,
  costly: true,
  read({ k }, raw) {
    const event = asPointer(k, raw, PerfEvent)
    const { attr } = event
    const type = attr.type
    const offset = k.variable(0)
    return {
      fields: () => ({ config: attr.config, offset, type, padding: 0 }),
      pointer: k.address(event),
      writeTail(to) {
        const length = k.variable(0)
        k.when(type.ge(firstDynamic), () => {
          offset.set(attr.config2)
          const name = attr.config1
          k.when(name.ne(0), () => length.set(readKernelText(k, to, nameMax, name)))
        })
        return length.and(nameMax - 1)
      },
    }
  },
  json(out, { fields, bytes, from, to }) {
    out.latin1('"perf_event_arg":{')
    if (from < to) {
      out.latin1('"KprobeFunc":"')
      out.jsonText(bytes, from, to)
      out.latin1('",')
    }
    out.latin1(`"Type":"${typeName(fields.type)}"`)
    const { config, configHigh, configLow, offset, offsetHigh, offsetLow } = fields
    if (config !== 0) {
      out.latin1(',"Config":')
      jsonInteger64(out, configHigh, configLow, false)
    }
    if (offset !== 0) {
      out.latin1(',"ProbeOffset":')
      jsonInteger64(out, offsetHigh, offsetLow, false)
    }
    out.byte(0x7d)
  },
}

export const perfEventTypes = { perf_event: perfEventType }
