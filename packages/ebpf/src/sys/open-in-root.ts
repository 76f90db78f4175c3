import { SystemCallError } from './error.ts'
import { Fd } from './fd.ts'
import { check, syscall } from './ffi.ts'
import { Memory } from './memory.ts'

/** The same number on all architectures: include/uapi/asm-generic/unistd.h. */
const openat2 = 437
/** include/uapi/asm-generic/fcntl.h: O_PATH, O_CLOEXEC. */
const flags = 0o10000000 | 0o2000000
/** include/uapi/linux/openat2.h: RESOLVE_NO_SYMLINKS, RESOLVE_IN_ROOT. */
const resolve = 0x04 | 0x10
/** include/uapi/asm-generic/errno.h */
const ENAMETOOLONG = 36
/** struct open_how */
const howSize = 24
/** include/uapi/linux/limits.h, with the zero at the end. */
const PATH_MAX = 4096

/** Memory for the structure and a path. */
let memory: Memory | undefined

/**
 * Opens a path (O_PATH) inside a folder, which is taken for the root. Symbolic links are not
 * followed. Kernel 5.6.
 * @throws SystemCallError, ELOOP for a path with a symbolic link
 */
export function openInRoot(root: Fd, path: string): Fd {
  const action = () => `open ${path}`
  const name = Buffer.from(`${path}\0`)
  if (name.length > PATH_MAX) throw new SystemCallError(action(), ENAMETOOLONG)
  memory ??= Memory.allocate(howSize + PATH_MAX)
  memory.view.setBigUint64(0, BigInt(flags), true)
  memory.view.setBigUint64(16, BigInt(resolve), true)
  memory.bytes.set(name, howSize)
  const { address } = memory
  const result = syscall(openat2, root.number, address + howSize, address, howSize, 0)
  return new Fd(check(result, action))
}
