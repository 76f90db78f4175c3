import { attachType } from '../asm/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachTracing } from './tracing.ts'

/**
 * Runs a tracing program (attach type modifyReturn) before a kernel function; a result other than
 * 0 takes the place of the call. Only for functions that allow it: those of error injection and
 * `security_*`. Kernel 5.7; needs trampolines.
 * @param target name of the function, for messages
 * @param cookie kernel 5.19
 * @throws SystemCallError
 */
export function attachFmodRet(program: Attachable, target: string, cookie?: bigint): Link {
  const options =
    cookie === undefined ? undefined : { value: cookie, attachType: attachType.modifyReturn }
  return attachTracing('fmod_ret', program, target, options)
}
