import { readFileSync } from 'node:fs'

const path = '/proc/sys/kernel/ftrace_enabled'

/**
 * Whether root has switched ftrace off (the sysctl kernel.ftrace_enabled). Attached kprobes then do
 * not run, and from Linux 6.0 on trampolines do not run either: fentry, fmod_ret and LSM programs.
 * Linux 7 refuses to switch it off.
 */
export function isFtraceOff(): boolean {
  try {
    return readFileSync(path, 'latin1').trim() === '0'
  } catch {
    // Without the file there is no ftrace, and what the kernel can do is found by probing. If it
    // cannot be read, nothing is known: that must not end an agent that looks every second.
    return false
  }
}
