import { SystemCallError } from './error.ts'
import { Fd } from './fd.ts'
import { check, syscall } from './ffi.ts'
import { Memory } from './memory.ts'

/** The same number on all architectures: include/uapi/asm-generic/unistd.h. */
const openat2 = 437
/** include/uapi/asm-generic/fcntl.h */
const O_PATH = 0o10000000
const O_CLOEXEC = 0o2000000
/** include/uapi/linux/openat2.h */
const RESOLVE_NO_XDEV = 0x01
const RESOLVE_NO_MAGICLINKS = 0x02
const RESOLVE_NO_SYMLINKS = 0x04
const RESOLVE_IN_ROOT = 0x10
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
  return openAt(root, path, RESOLVE_NO_SYMLINKS)
}

/**
 * Like `openInRoot`, but follows symbolic links; they are resolved as if the folder were the root.
 * @param sameMount whether the path must not lead to another mount
 * @throws SystemCallError, EXDEV for a path to another mount
 */
export function followInRoot(root: Fd, path: string, sameMount: boolean): Fd {
  return openAt(root, path, RESOLVE_NO_MAGICLINKS | (sameMount ? RESOLVE_NO_XDEV : 0))
}

function openAt(root: Fd, path: string, resolve: number): Fd {
  const action = () => `open ${path}`
  const name = Buffer.from(`${path}\0`)
  if (name.length > PATH_MAX) throw new SystemCallError(action(), ENAMETOOLONG)
  memory ??= Memory.allocate(howSize + PATH_MAX)
  memory.view.setBigUint64(0, BigInt(O_PATH | O_CLOEXEC), true)
  memory.view.setBigUint64(16, BigInt(resolve | RESOLVE_IN_ROOT), true)
  memory.bytes.set(name, howSize)
  const { address } = memory
  const result = syscall(openat2, root.number, address + howSize, address, howSize, 0)
  return new Fd(check(result, action))
}
