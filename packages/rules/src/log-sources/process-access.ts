import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField, unanswerable } from './field.ts'
import { firstNumber, firstPath, labelled, numberOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const accessed = (args: readonly KprobeArgument[]) => ({
  TargetProcessId: (numberOf(labelled(args, 'pid')) ?? firstNumber(args))?.toString(),
})

const traced = (args: readonly KprobeArgument[]) => ({
  GrantedAccess: numberOf(labelled(args, 'request') ?? args[0])?.toString(),
  TargetProcessId: numberOf(labelled(args, 'pid') ?? args[1])?.toString(),
})

const memoryFile = /^\/proc\/(\d+)\/(?:mem|maps|environ)$/

/** Processes that read or control others. */
export const processAccess = hookLogSource({
  name: 'process_access',
  doc: 'a process traced another one, or accessed its memory',
  fields: {
    SourceImage: { of: 'process', path: 'binary', kind: 'text', doc: 'the same as Image' },
    SourceProcessId: { of: 'process', path: 'pid', kind: 'number', doc: 'the same as ProcessId' },
    TargetProcessId: eventField('process id of the other process', 'number'),
    GrantedAccess: eventField('number of the ptrace request', 'number'),
    TargetFilename: eventField('the file in /proc'),
    TargetImage: unanswerable('the calls name the other process by its id only'),
    CallTrace: unanswerable('use a policy with userStackTrace'),
  },
  hooks: {
    sys_ptrace: traced,
    sys_process_vm_readv: accessed,
    sys_process_vm_writev: accessed,
    security_file_open: (args) => {
      const path = firstPath(args)
      const [, pid] = memoryFile.exec(path ?? '') ?? []
      return pid === undefined ? undefined : { TargetProcessId: pid, TargetFilename: path }
    },
  },
  uses: [
    {
      hook: 'sys_ptrace',
      fields: {
        GrantedAccess: { argument: 0, as: 'integer' },
        TargetProcessId: { argument: 1, as: 'integer' },
      },
    },
    { hook: 'sys_process_vm_readv', fields: { TargetProcessId: { argument: 0, as: 'integer' } } },
    { hook: 'sys_process_vm_writev', fields: { TargetProcessId: { argument: 0, as: 'integer' } } },
    {
      hook: 'security_file_open',
      fields: { TargetProcessId: 'unknown', TargetFilename: { argument: 0, as: 'text' } },
      always: [
        { argument: 0, operator: 'Prefix', values: ['/proc/'] },
        { argument: 0, operator: 'Postfix', values: ['/mem', '/maps', '/environ'] },
      ],
    },
  ],
})
