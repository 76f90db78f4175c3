import { readFileSync } from 'node:fs'

const path = '/proc/sys/kernel/ftrace_enabled'

/**
 * Whether root has switched ftrace off (the sysctl kernel.ftrace_enabled). Then the kernel runs no
 * kprobes at the beginning of functions, from Linux 6.0 on no trampolines either, LSM programs
 * included, although they are loaded and attached. From Linux 7 on nobody can do that.
 */
export function isFtraceOff(): boolean {
  try {
    return readFileSync(path, 'latin1').trim() === '0'
  } catch (error) {
    // A kernel without ftrace. What it can do is found by probing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
