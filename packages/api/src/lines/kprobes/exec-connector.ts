import type { KprobeFormats } from '../kprobe-format.ts'

/** `🔧 proc_exec_connector default/xwing /usr/bin/sudo` */
export const execConnector: KprobeFormats = {
  proc_exec_connector: () => ({ icon: '🔧', word: 'proc_exec_connector', columns: [] }),
}
