import { type Code, type Int, type TracepointRecord, tracepoint } from '@tetragon-ts/ebpf/lang'
import { commonFields, type TracepointField, tracepointFormat } from '@tetragon-ts/ebpf/links'
import type { Hit } from '../hit.ts'
import { type Backend, namesOf } from './backend.ts'
import { currentTask } from './current-task.ts'

/** Of the fields that all records begin with the one whose value programs can know otherwise. */
const commonPid = 3

/** Tracepoints with their records: fields as the format file in tracefs numbers them. */
export const tracepointBackend: Backend = {
  name: 'tracepoint',
  plan(target, kernel) {
    if (target.section !== 'tracepoints' || target.raw)
      return 'only for tracepoints that are not raw'
    const refused = kernel.refuses('tracepoint')
    if (refused) return refused
    const [group, event] = target.functions[0].shown.split('/')
    let fields: readonly TracepointField[]
    try {
      fields = tracepointFormat(group, event)
    } catch (error) {
      return (error as Error).message
    }
    return {
      backend: 'tracepoint',
      why: 'the record that its format describes',
      enter: [
        {
          hook: tracepoint(group, event),
          hit: (k, args) => recordHit(k, args[0] as TracepointRecord, fields),
        },
      ],
      leave: [],
      parameters: fields.flatMap((_, i) => (i >= commonFields || i === commonPid ? [i] : [])),
      functionNames: namesOf(target),
    }
  },
}

function recordHit(k: Code, record: TracepointRecord, fields: readonly TracepointField[]): Hit {
  const task = currentTask(k)
  const word = (index: number): Int => {
    const { size, offset } = fields[index]
    return record.load(size as 1 | 2 | 4 | 8, offset)
  }
  return {
    k,
    task,
    functionIndex: 0,
    field: (index) => fields[index],
    // __data_loc: how far from the beginning, and in the upper half how many bytes; of __rel_loc
    // from the end of the field (include/trace/stages/stage1_struct_define.h).
    dataLength: (index) =>
      fields[index]?.kind === 'data_loc' ? word(index).shiftRight(16) : undefined,
    parameter(index) {
      const field = fields[index]
      if (index === commonPid) return task.pid
      if (!field || index < commonFields) return undefined
      if (field.kind === 'array') return record.address(field.offset)
      if (field.kind !== 'data_loc') return word(index)
      const from = field.type.startsWith('__rel_loc') ? field.offset + field.size : 0
      return record.address(word(index).and(0xffff).add(from))
    },
  }
}
