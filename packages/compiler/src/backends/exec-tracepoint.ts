import {
  type Code,
  commonFields,
  type Int,
  kernelStruct,
  type Ptr,
  type TracepointField,
  tpBtf,
} from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { asInt, asPointer, type Raw } from '../hook/hit.ts'
import { byKernel, byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { namesOf } from '../hook-plans/hook-target.ts'
import { commonPid, execTracepoint } from './tracepoint.ts'

/** include/linux/binfmts.h */
const NewProgram = kernelStruct<{ readonly filename: Int }>('linux_binprm')

/** Fields of its record, from arguments of the raw tracepoint (include/trace/events/sched.h). */
const values: Readonly<Record<string, (k: Code, args: readonly unknown[]) => Int>> = {
  filename: (k, args) => asPointer(k, args[2] as Raw, NewProgram).filename,
  pid: (k) => currentTask(k).pid,
  old_pid: (k, args) => asInt(k, args[1] as Raw),
}

/**
 * sched/sched_process_exec with the fields of its record, by a program at the raw tracepoint.
 * Programs there run in the order in which they are attached. All programs at the trace event run
 * where the first one was attached: the process sets of a policy that is loaded later are decided
 * after that, so its conditions would be about the program before the exec.
 */
export const execTracepointBackend: Backend = {
  name: 'tp_btf',
  plan(target, kernel) {
    const [{ shown, symbol }] = target.functions
    if (target.section !== 'tracepoints' || target.raw || shown !== execTracepoint) {
      return byPolicy(`only for ${execTracepoint} that is not raw`)
    }
    const refused = kernel.refuses('tp_btf')
    if (refused) return refused
    if (!kernel.btf.tracepointPrototype(symbol)) {
      return byKernel(`no tracepoint ${symbol} in the kernel's types`)
    }
    let fields: readonly TracepointField[]
    try {
      fields = kernel.tracepointFields('sched', symbol)
    } catch (error) {
      return byKernel((error as Error).message)
    }
    const nameOf = (index: number): string =>
      index === commonPid ? 'pid' : index < commonFields ? '' : (fields[index]?.name ?? '')
    return {
      backend: 'tp_btf',
      why: 'fields of its record, from typed arguments',
      enter: [
        {
          hook: tpBtf<[task: Ptr<object>, oldPid: Int, bprm: Ptr<object>]>(symbol),
          hit: (k, args) => ({
            k,
            task: currentTask(k),
            functionIndex: 0,
            parameter: (index) => values[nameOf(index)]?.(k, args),
          }),
        },
      ],
      leave: [],
      parameters: fields.flatMap((_, i) => (Object.hasOwn(values, nameOf(i)) ? [i] : [])),
      functionNames: namesOf(target),
    }
  },
}
