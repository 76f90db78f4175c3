import { chmodSync } from 'node:fs'
import { Fd } from './fd.ts'
import { check, syscall } from './ffi.ts'
import { Memory } from './memory.ts'

// The same numbers on all architectures: include/uapi/asm-generic/unistd.h.
const moveMount = 429
const fsopen = 430
const fsconfig = 431
const fsmount = 432

const FSCONFIG_CMD_CREATE = 6
const closeOnExec = 1
const MOVE_MOUNT_F_EMPTY_PATH = 4
const AT_FDCWD = -100

/**
 * Makes a file system of the kernel's own, such as tracefs, accessible to this process alone: below
 * `/proc/self/fd/NUMBER`, for as long as the descriptor is open. Nothing is mounted anywhere.
 * Kernel 5.2.
 * @throws SystemCallError, ENODEV where the kernel has no such file system
 */
export function openFileSystem(type: string): Fd {
  const action = `open file system ${type}`
  const name = Buffer.from(`${type}\0`)
  using memory = Memory.allocate(name.length)
  memory.bytes.set(name)
  using context = new Fd(check(syscall(fsopen, memory.address, closeOnExec, 0, 0, 0), action))
  check(syscall(fsconfig, context.number, FSCONFIG_CMD_CREATE, 0, 0, 0), action)
  return new Fd(check(syscall(fsmount, context.number, closeOnExec, 0, 0, 0), action))
}

/**
 * Mounts a file system of the kernel's own.
 * @param path an existing folder
 * @param mode permissions of the root folder
 * @throws SystemCallError
 */
export function mountFileSystem(type: string, path: string, mode: number): void {
  using mount = openFileSystem(type)
  // Before others can see it: by default everyone may create files in a bpf file system.
  chmodSync(`/proc/self/fd/${mount.number}`, mode)
  const target = Buffer.from(`${path}\0`)
  // The path of the mount itself is empty.
  using memory = Memory.allocate(target.length + 1)
  memory.bytes.set(target)
  const [to, from] = [memory.address, memory.address + target.length]
  const result = syscall(moveMount, mount.number, from, AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH)
  check(result, `mount file system ${type} at ${path}`)
}
