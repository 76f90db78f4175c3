import type { ProcessKprobe } from '../../messages/event.ts'
import { kprobeBody } from '../kprobe-lines.ts'
import { type Line, plain } from '../line.ts'

/** The line of the hooked function; a function without one of its own is shown by its name. */
export function kprobeLine(kprobe: ProcessKprobe): Line {
  const { process } = kprobe
  const known = kprobeBody(kprobe.function_name ?? '', kprobe.args ?? [])
  if (known !== undefined) return { ...known, process }
  return { icon: '❓', word: 'syscall', process, columns: [plain(kprobe.function_name)] }
}
