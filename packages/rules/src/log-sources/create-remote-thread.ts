import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField, unanswerable } from './field.ts'
import { firstNumber, labelled, numberOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

/** Requests of ptrace that change the other process: POKETEXT, POKEDATA, POKEUSER, SET…REGS. */
const changing = new Set([4, 5, 6, 13, 15, 19, 0x4205])

const target = (args: readonly KprobeArgument[], position: number) => ({
  TargetProcessId: numberOf(labelled(args, 'pid') ?? args[position])?.toString(),
})

/** Code that is put into other processes; Linux has no call that starts a thread in one. */
export const createRemoteThread = hookLogSource({
  name: 'create_remote_thread',
  doc: 'a process changed the memory or registers of another one',
  fields: {
    SourceImage: { of: 'process', path: 'binary', kind: 'text', doc: 'the same as Image' },
    SourceProcessId: { of: 'process', path: 'pid', kind: 'number', doc: 'the same as ProcessId' },
    TargetProcessId: eventField('process id of the other process', 'number'),
    TargetImage: unanswerable('the calls name the other process by its id only'),
    StartModule: unanswerable('Linux has no call that starts a thread in another process'),
    StartFunction: unanswerable('Linux has no call that starts a thread in another process'),
    StartAddress: unanswerable('Linux has no call that starts a thread in another process'),
  },
  hooks: {
    sys_ptrace: (args) => {
      const request = numberOf(labelled(args, 'request') ?? args[0])
      return request !== undefined && changing.has(request) ? target(args, 1) : undefined
    },
    sys_process_vm_writev: (args) => ({
      TargetProcessId: (numberOf(labelled(args, 'pid')) ?? firstNumber(args))?.toString(),
    }),
  },
  uses: [
    {
      hook: 'sys_ptrace',
      fields: { TargetProcessId: { argument: 1, as: 'integer' } },
      always: [{ argument: 0, operator: 'Equal', values: [...changing].map(String) }],
    },
    { hook: 'sys_process_vm_writev', fields: { TargetProcessId: { argument: 0, as: 'integer' } } },
  ],
})
