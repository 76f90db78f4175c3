import type { Btf } from '../btf/index.ts'
import type { Builder } from './builder.ts'
import type { LocalFunction, Op, Virtual } from './codegen/ir.ts'
import { asNumber } from './pointer.ts'
import { allProcesses, processIterator } from './process-iterator.ts'

/**
 * A loop over all processes. Its body is a global function, which the verifier walks once and apart
 * from the loop: in a loop it hardly recognizes states that it has walked. Such a function takes
 * numbers only.
 * @param body gets the address of a main thread
 */
export function eachProcess(builder: Builder, btf: Btf, body: (task: Virtual) => void): void {
  const found = processIterator(btf)
  if (!found) return builder.fail('this kernel has no iterator over processes for programs')
  if (builder.endings.length > 0) builder.fail('a loop over processes cannot run endings')
  const state = { slot: builder.slot(found.size), at: 0 }
  const visit = functionOfTask(builder, body)
  const top = builder.target('next process')
  const end = builder.target('last process')
  const task = builder.register()
  const none = { constant: 0 }
  builder.statement(() => {
    const args = [state, none, { constant: allProcesses }]
    builder.emit({ op: 'call', helper: found.create, kfunc: true, args })
    builder.place(top)
    builder.emit({ op: 'call', helper: found.next, kfunc: true, args: [state], dst: task })
    builder.emit({ op: 'branch', fn: 'eq', bits: 64, a: task, b: none, to: end })
    builder.emit({ op: 'call', helper: 0, local: visit, args: [asNumber(builder, task)] })
    builder.jump(top)
    builder.place(end)
    builder.emit({ op: 'call', helper: found.destroy, kfunc: true, args: [state] })
  })
}

function functionOfTask(builder: Builder, body: (task: Virtual) => void): LocalFunction {
  const entry = builder.target('process')
  const task = builder.register()
  const code = builder.collect(() => {
    builder.place(entry)
    builder.emit({ op: 'callback-argument', dst: task, index: 1 })
    body(task)
    builder.emit({ op: 'exit', value: { constant: 0 } })
  })
  return { name: 'process', parameters: ['task'], body: code as Op[], entry, isGlobal: true }
}
