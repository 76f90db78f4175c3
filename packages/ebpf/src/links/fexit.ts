import { attachType } from '../asm/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachTracing } from './tracing.ts'

/**
 * Runs a tracing program (attach type traceFexit) when a kernel function returns; it sees the
 * arguments and the result. Kernel 5.5; needs trampolines.
 * @param target name of the function, for messages
 * @param cookie kernel 5.19
 * @throws SystemCallError
 */
export function attachFexit(program: Attachable, target: string, cookie?: bigint): Link {
  const options =
    cookie === undefined ? undefined : { value: cookie, attachType: attachType.traceFexit }
  return attachTracing('fexit', program, target, options)
}
