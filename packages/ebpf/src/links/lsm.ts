import { attachType } from '../asm/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachTracing } from './tracing.ts'

/**
 * Runs a program of type lsm at a security hook; a negative result denies. Kernel 5.7; needs `bpf`
 * in the list of security modules (/sys/kernel/security/lsm) and trampolines. On a kernel without
 * it in the list the attaching may succeed and the program never run.
 * @param target name of the hook, for messages
 * @param cookie kernel 5.19
 * @throws SystemCallError
 */
export function attachLsm(program: Attachable, target: string, cookie?: bigint): Link {
  const options =
    cookie === undefined ? undefined : { value: cookie, attachType: attachType.lsmMac }
  return attachTracing('lsm', program, target, options)
}
