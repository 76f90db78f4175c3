import { extensionNumber } from '../extension-fields.ts'
import { argumentColumns } from '../lines/argument-columns.ts'
import { functionLine } from '../lines/function-line.ts'
import { kprobeBody } from '../lines/kprobe-lines.ts'
import { plain } from '../lines/line.ts'
import { formatSyscall } from '../lines/syscall.ts'
import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, oneOf, string, uint64 } from '../message.ts'
import { Enforcement } from '../messages/enforcement.ts'
import { KprobeAction } from '../messages/enums.ts'
import { KprobeArgument } from '../messages/kprobe-argument.ts'
import { Process } from '../messages/process.ts'
import type { EventDeclarations, LinesOf } from './declaration.ts'

/** Policy events. */

export const StackTraceEntry = message('StackTraceEntry', {
  address: uint64(1),
  offset: uint64(2),
  symbol: string(3),
  module: string(4),
  symbol_offset: uint64(extensionNumber('StackTraceEntry.symbol_offset')),
})
export type StackTraceEntry = MessageOf<typeof StackTraceEntry>

export const ProcessKprobe = message('ProcessKprobe', {
  process: nested(1, Process),
  parent: nested(2, Process),
  function_name: string(3),
  args: many(nested(4, KprobeArgument)),
  return: nested(5, KprobeArgument),
  action: oneOf(6, KprobeAction),
  kernel_stack_trace: many(nested(7, StackTraceEntry)),
  policy_name: string(8),
  return_action: oneOf(9, KprobeAction),
  message: string(10),
  tags: many(string(11)),
  user_stack_trace: many(nested(12, StackTraceEntry)),
  ancestors: many(nested(13, Process)),
  data: many(nested(14, KprobeArgument)),
  enforcement: many(nested(extensionNumber('ProcessKprobe.enforcement'), Enforcement)),
  ancestors_truncated: bool(extensionNumber('ProcessKprobe.ancestors_truncated')),
})
export type ProcessKprobe = MessageOf<typeof ProcessKprobe>

export const ProcessTracepoint = message('ProcessTracepoint', {
  process: nested(1, Process),
  parent: nested(2, Process),
  subsys: string(4),
  event: string(5),
  args: many(nested(6, KprobeArgument)),
  policy_name: string(7),
  action: oneOf(8, KprobeAction),
  message: string(9),
  tags: many(string(10)),
  kernel_stack_trace: many(
    nested(extensionNumber('ProcessTracepoint.kernel_stack_trace'), StackTraceEntry),
  ),
  user_stack_trace: many(
    nested(extensionNumber('ProcessTracepoint.user_stack_trace'), StackTraceEntry),
  ),
  ancestors: many(nested(11, Process)),
  data: many(nested(extensionNumber('ProcessTracepoint.data'), KprobeArgument)),
  enforcement: many(nested(extensionNumber('ProcessTracepoint.enforcement'), Enforcement)),
  ancestors_truncated: bool(extensionNumber('ProcessTracepoint.ancestors_truncated')),
})
export type ProcessTracepoint = MessageOf<typeof ProcessTracepoint>

export const ProcessUprobe = message('ProcessUprobe', {
  process: nested(1, Process),
  parent: nested(2, Process),
  path: string(3),
  symbol: string(4),
  offset: uint64(10),
  ref_ctr_offset: uint64(11),
  policy_name: string(5),
  message: string(6),
  args: many(nested(7, KprobeArgument)),
  action: oneOf(12, KprobeAction),
  tags: many(string(8)),
  user_stack_trace: many(
    nested(extensionNumber('ProcessUprobe.user_stack_trace'), StackTraceEntry),
  ),
  ancestors: many(nested(9, Process)),
  data: many(nested(13, KprobeArgument)),
  enforcement: many(nested(extensionNumber('ProcessUprobe.enforcement'), Enforcement)),
  ancestors_truncated: bool(extensionNumber('ProcessUprobe.ancestors_truncated')),
})
export type ProcessUprobe = MessageOf<typeof ProcessUprobe>

export const ProcessUsdt = message('ProcessUsdt', {
  process: nested(1, Process),
  parent: nested(2, Process),
  path: string(3),
  provider: string(4),
  name: string(5),
  policy_name: string(6),
  message: string(7),
  args: many(nested(8, KprobeArgument)),
  action: oneOf(11, KprobeAction),
  tags: many(string(9)),
  user_stack_trace: many(nested(extensionNumber('ProcessUsdt.user_stack_trace'), StackTraceEntry)),
  ancestors: many(nested(10, Process)),
  flags: string(12),
  enforcement: many(nested(extensionNumber('ProcessUsdt.enforcement'), Enforcement)),
  ancestors_truncated: bool(extensionNumber('ProcessUsdt.ancestors_truncated')),
})
export type ProcessUsdt = MessageOf<typeof ProcessUsdt>

export const ProcessLsm = message('ProcessLsm', {
  process: nested(1, Process),
  parent: nested(2, Process),
  function_name: string(3),
  policy_name: string(5),
  message: string(6),
  args: many(nested(7, KprobeArgument)),
  action: oneOf(8, KprobeAction),
  tags: many(string(9)),
  kernel_stack_trace: many(
    nested(extensionNumber('ProcessLsm.kernel_stack_trace'), StackTraceEntry),
  ),
  user_stack_trace: many(nested(extensionNumber('ProcessLsm.user_stack_trace'), StackTraceEntry)),
  ancestors: many(nested(10, Process)),
  ima_hash: string(11),
  // A proposal for Tetragon has number 12.
  data: many(nested(extensionNumber('ProcessLsm.data'), KprobeArgument)),
  enforcement: many(nested(extensionNumber('ProcessLsm.enforcement'), Enforcement)),
  ancestors_truncated: bool(extensionNumber('ProcessLsm.ancestors_truncated')),
})
export type ProcessLsm = MessageOf<typeof ProcessLsm>

export const hookEvents = {
  process_kprobe: { number: 9, message: ProcessKprobe, repeats: true },
  process_tracepoint: { number: 10, message: ProcessTracepoint, repeats: true },
  process_uprobe: { number: 12, message: ProcessUprobe, repeats: true },
  process_lsm: { number: 28, message: ProcessLsm, repeats: true },
  process_usdt: { number: 29, message: ProcessUsdt, repeats: true },
} as const satisfies EventDeclarations

export const hookLines: LinesOf<typeof hookEvents> = {
  /**
   * The line of the hooked function; a function without its own format is shown by name. An address
   * that the process has looked up is shown with its name, here and in the lines below. With
   * details, all arguments are shown.
   */
  process_kprobe({ process, function_name, args }, details) {
    const known = kprobeBody(function_name ?? '', args ?? [])
    if (known !== undefined) return { ...known, process }
    if (details) return { ...functionLine(function_name ?? '', args), process }
    return {
      icon: '❓',
      word: 'syscall',
      process,
      columns: [plain(function_name), ...argumentColumns(args, false)],
    }
  },

  /** `☎  syscall default/xwing /usr/bin/curl close(unsigned int fd=3)`, or its name. */
  process_tracepoint({ process, subsys, event, args }, details) {
    if (subsys === 'raw_syscalls' && event === 'sys_enter') {
      return { icon: '☎ ', word: 'syscall', process, columns: [plain(formatSyscall(args ?? []))] }
    }
    const columns = [plain(subsys), plain(event), ...argumentColumns(args, details)]
    return { icon: '⁉\ufe0f', word: 'tracepoint', process, columns }
  },

  /** `🕵️ uprobe  default/xwing /usr/bin/bash /usr/bin/bash readline` */
  process_uprobe({ process, path, symbol, args }, details) {
    const columns = [plain(path), plain(symbol), ...argumentColumns(args, details)]
    return { icon: '🕵\ufe0f', word: 'uprobe', process, columns }
  },

  /** `🔒 LSM     default/xwing /usr/bin/cat file_open` */
  process_lsm({ process, function_name, args }, details) {
    const columns = [plain(function_name), ...argumentColumns(args, details)]
    return { icon: '🔒', word: 'LSM', process, columns }
  },

  /** `🕵️ usdt    default/xwing /usr/bin/python3 /usr/lib/libpython3.so python gc__start` */
  process_usdt({ process, path, provider, name, args }, details) {
    const columns = [plain(path), plain(provider), plain(name), ...argumentColumns(args, details)]
    return { icon: '🕵\ufe0f', word: 'usdt', process, columns }
  },
}
