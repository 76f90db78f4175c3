import { EbpfError } from '../errors/index.ts'
import type { Hook } from '../lang/index.ts'
import { attachCgroup } from './cgroup.ts'
import { attachIterator } from './iterator.ts'
import { attachKprobe } from './kprobe.ts'
import { attachKprobeMulti } from './kprobe-multi.ts'
import type { Attachable, AttachOptions, Link } from './link.ts'
import { attachRawTracepoint } from './raw-tracepoint.ts'
import { attachTracepoint } from './tracepoint.ts'
import { attachTracing } from './tracing.ts'

/**
 * Attaches a program to the hook that it was loaded for.
 * @throws SystemCallError, EbpfError EBPF_NO_HOOK if the kernel itself does not run the program
 * there
 */
export function attachProgram(
  { attachment, target }: Pick<Hook, 'attachment' | 'target'>,
  program: Attachable & { readonly name: string },
  options?: AttachOptions,
): Link {
  const refuse = (reason: string): never => {
    throw new EbpfError('EBPF_NO_HOOK', `attach ${program.name}: ${reason}`)
  }
  switch (attachment.at) {
    case 'loaded':
      return attachTracing(attachment.kind, program, target)
    case 'raw_tracepoint':
      return attachRawTracepoint(program, attachment.name)
    case 'tracepoint':
      return attachTracepoint(program, attachment.group, attachment.name, options)
    case 'kprobe':
      return attachKprobe(program, attachment.symbol, { ...options, atReturn: attachment.atReturn })
    case 'kprobe.multi':
      return attachKprobeMulti(program, attachment)
    case 'iterator':
      return attachIterator(program, attachment.kind)
    case 'cgroup':
      return attachCgroup(program, attachment.folder, attachment.type)
    case 'files':
      return refuse('it is attached to files')
    case 'program':
      return refuse(`${attachment.of} runs it`)
    case 'demand':
      return refuse('it runs on demand only')
  }
}
