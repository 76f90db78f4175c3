import { syscallNumber } from '@tetragon-ts/api'
import {
  type Code,
  commonFields,
  type Int,
  type TracepointField,
  type TracepointRecord,
  tracepoint,
} from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import type { Hit } from '../hook/hit.ts'
import { byKernel, byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { namesOf } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { syscallHook, syscallSlot } from './syscall-hook.ts'
import { keepsRegisters } from './syscall-registers.ts'

/** The only common field whose value programs can get otherwise. */
export const commonPid = 3

/** The tracepoint whose hooks must run after the programs of process sets. */
export const execTracepoint = 'sched/sched_process_exec'
/** Conditions that are decided at an exec. */
const decidedAtExec = [
  ...['matchBinaries', 'matchParentBinaries', 'matchCmdArgs', 'the condition of a rule'],
]

/** Tracepoints with their records: fields are numbered as in the format file in tracefs. */
export const tracepointBackend: Backend = {
  name: 'tracepoint',
  plan(target, kernel) {
    if (target.section !== 'tracepoints' || target.raw)
      return byPolicy('only for tracepoints that are not raw')
    const refused = kernel.refuses('tracepoint')
    if (refused) return refused
    const [{ shown }] = target.functions
    const early = target.aboutProcess.filter((name) => decidedAtExec.includes(name))
    if (shown === execTracepoint && early.length > 0) {
      const why = 'its programs may run while the process is still the one before the exec'
      return byKernel(`${why}: ${early.join(', ')} cannot be tested`)
    }
    const [group, event] = shown.split('/')
    let fields: readonly TracepointField[]
    try {
      fields = kernel.tracepointFields(group, event)
    } catch (error) {
      return byKernel((error as Error).message)
    }
    return {
      backend: 'tracepoint',
      why: 'fields as described in its format file',
      enter: [
        {
          hook: tracepoint(group, event),
          hit: (k, args) => recordHit(k, args[0] as TracepointRecord, fields),
        },
      ],
      leave: [],
      late: returnOf(group, event, kernel),
      parameters: fields.flatMap((_, i) => (i >= commonFields || i === commonPid ? [i] : [])),
      functionNames: namesOf(target),
    }
  },
}

/** The return of the system call of a `sys_enter_…` tracepoint; none for any other. */
function returnOf(group: string, event: string, kernel: KernelView): readonly Placement[] {
  const name = group === 'syscalls' ? /^sys_enter_(.+)$/.exec(event)?.[1] : undefined
  if (
    name === undefined ||
    kernel.refuses('tp_btf') ||
    !keepsRegisters({ symbol: `sys_${name}` })
  ) {
    return []
  }
  // Calls named new… have replaced others: `newstat` is the call stat.
  const number = [name, name.replace(/^new/, '')]
    .map((each) => syscallNumber(nativeAbi, each))
    .find((each) => each !== undefined)
  if (number === undefined) return []
  return [
    {
      hook: syscallHook('sys_exit', [syscallSlot(number, false)]),
      hit: (k) => ({ k, task: currentTask(k), functionIndex: 0, parameter: () => undefined }),
    },
  ]
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
    // __data_loc: offset from the start, with the length in the upper half; __rel_loc: offset from
    // the end of the field (include/trace/stages/stage1_struct_define.h).
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
