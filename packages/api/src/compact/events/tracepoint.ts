import type { ProcessTracepoint } from '../../messages/event.ts'
import { type Line, plain } from '../line.ts'
import { formatSyscall } from '../syscall.ts'

/** `☎  syscall default/xwing /usr/bin/curl close(unsigned int fd=3)`, or the tracepoint's name. */
export function tracepointLine({ process, subsys, event, args }: ProcessTracepoint): Line {
  if (subsys === 'raw_syscalls' && event === 'sys_enter') {
    return { icon: '☎ ', word: 'syscall', process, columns: [plain(formatSyscall(args ?? []))] }
  }
  const columns = [plain(subsys), plain(event)]
  return { icon: '⁉\ufe0f', word: 'tracepoint', process, columns }
}
