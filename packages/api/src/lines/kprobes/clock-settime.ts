import type { KprobeFormats } from '../kprobe-format.ts'

/** `⏰ clock_settime default/xwing /usr/bin/date` */
export const clockSettime: KprobeFormats = {
  sys_clock_settime: () => ({ icon: '⏰', word: 'clock_settime', columns: [] }),
}
