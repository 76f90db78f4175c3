import type { Event } from '@tetragon-ts/api'

/** The hook of an event: `security_file_open`, `raw_syscalls/sys_enter`; empty: it has none. */
export function hookText({ key, body }: Event): string {
  switch (key) {
    case 'process_kprobe':
    case 'process_lsm':
      return body.function_name ?? ''
    case 'process_tracepoint':
      return `${body.subsys ?? ''}/${body.event ?? ''}`
    case 'process_uprobe':
      return `${body.path ?? ''} ${body.symbol ?? ''}`
    case 'process_usdt':
      return `${body.path ?? ''} ${body.provider ?? ''}:${body.name ?? ''}`
    default:
      return ''
  }
}
