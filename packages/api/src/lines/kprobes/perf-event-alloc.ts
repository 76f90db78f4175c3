import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `🐝 perf_event_alloc default/xwing /usr/bin/perf PERF_TYPE_TRACEPOINT do_sys_open` */
export const perfEventAlloc: KprobeFormats = {
  security_perf_event_alloc: (args) => {
    const event = args[0]?.perf_event_arg
    const text = event === undefined ? undefined : `${event.Type ?? ''} ${event.KprobeFunc ?? ''}`
    return { icon: '🐝', word: 'perf_event_alloc', columns: [detail(text)] }
  },
}
