import { attachType } from '../asm/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachTracing } from './tracing.ts'

/**
 * Runs a tracing program (attach type traceFentry) at the entry of a kernel function. Kernel 5.5;
 * needs trampolines, which the architecture or a lockdown may lack: arm64 has them from 6.0 on.
 * @param target name of the function, for messages
 * @param cookie kernel 5.19
 * @throws SystemCallError
 */
export function attachFentry(program: Attachable, target: string, cookie?: bigint): Link {
  const options =
    cookie === undefined ? undefined : { value: cookie, attachType: attachType.traceFentry }
  return attachTracing('fentry', program, target, options)
}
