import { SystemCallError } from './error.ts'
import { Fd } from './fd.ts'
import { check, close, fanotifyInit, fanotifyMark, lastErrno, read, write } from './ffi.ts'
import { Memory } from './memory.ts'

// fanotify groups with permission events: include/uapi/linux/fanotify.h.

const [FAN_CLOEXEC, FAN_NONBLOCK, FAN_CLASS_CONTENT] = [0x1, 0x2, 0x4]
const [FAN_UNLIMITED_QUEUE, FAN_UNLIMITED_MARKS, FAN_REPORT_TID] = [0x10, 0x20, 0x100]
const FAN_MARK_ADD = 1
const [FAN_EVENT_ON_CHILD, FAN_ONDIR] = [0x0800_0000, 0x4000_0000]
const [FAN_ALLOW, FAN_DENY] = [1, 2]
const AT_FDCWD = -100

/** FAN_OPEN_PERM and FAN_OPEN_EXEC_PERM. */
const requestMasks = { open: 0x1_0000, execute: 0x4_0000 } as const

/** What callers wait for: opening a file, or executing it. */
export type FileRequest = keyof typeof requestMasks

/** O_RDONLY, O_CLOEXEC, O_NONBLOCK: how the kernel opens each file for the group. */
const eventFlags = 0o2000000 | 0o4000

/** struct fanotify_event_metadata */
const [eventSize, descriptorAt, threadAt] = [24, 16, 20]
const eventsMax = 64

/** Error numbers: include/uapi/asm-generic/errno-base.h. */
const [ENOENT, EINTR, EAGAIN] = [2, 4, 11]

/**
 * A group for permission events. The callers of requests wait until the group has answered, or
 * until its last descriptor is closed, which allows their requests. Kernel 5.0.
 * @throws SystemCallError
 */
export function openFileRequests(): Fd {
  const flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASS_CONTENT | FAN_REPORT_TID
  // A full queue would let requests pass.
  const unlimited = FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS
  return new Fd(check(fanotifyInit(flags | unlimited, eventFlags), 'create fanotify group'))
}

/**
 * Marks a file, or a folder with the files and folders directly in it, whatever path leads there.
 * Marking it twice has no effect.
 * @param path of the file or folder, which is followed if it is a symbolic link
 * @throws SystemCallError
 */
export function markFile(group: Fd, path: string, request: FileRequest, isFolder: boolean): void {
  const mask = requestMasks[request] + (isFolder ? FAN_EVENT_ON_CHILD + FAN_ONDIR : 0)
  check(fanotifyMark(group.number, FAN_MARK_ADD, mask, AT_FDCWD, path), 'mark for fanotify')
}

/** Memory for requests, and for one answer. */
let memory: { readonly requests: Memory; readonly response: Memory } | undefined

/**
 * Reads the requests that wait and answers them, up to 64.
 * @param group number of its descriptor
 * @param allows whether a thread may do it; gets a descriptor of the file, and the number of the
 * thread in the pid namespace of this process. It must not wait for other processes. If it throws,
 * the request is denied.
 * @param failed called with requests that were denied for an error, of `allows` or of the kernel,
 * which must be able to open the file for the group
 * @returns whether there may be more requests
 */
export function answerFileRequests(
  group: number,
  allows: (descriptor: number, thread: number) => boolean,
  failed: (error: Error) => void,
): boolean {
  memory ??= { requests: Memory.allocate(eventsMax * eventSize), response: Memory.allocate(8) }
  const { requests, response } = memory
  const length = read(group, requests.address, eventsMax * eventSize)
  if (length < 0) {
    const errno = lastErrno()
    if (errno === EAGAIN || errno === EINTR) return false
    failed(new SystemCallError('open requested file', errno))
    return true
  }
  for (let at = 0; at < length; at += requests.view.getUint32(at, true)) {
    const descriptor = requests.view.getInt32(at + descriptorAt, true)
    if (descriptor < 0) continue
    let isAllowed = false
    try {
      isAllowed = allows(descriptor, requests.view.getInt32(at + threadAt, true))
    } catch (error) {
      failed(error as Error)
    }
    // The kernel only compares the number. An open file could disturb the caller.
    close(descriptor)
    response.view.setInt32(0, descriptor, true)
    response.view.setUint32(4, isAllowed ? FAN_ALLOW : FAN_DENY, true)
    // ENOENT: the caller was killed.
    if (write(group, response.address, 8) < 0 && lastErrno() !== ENOENT) {
      failed(new SystemCallError('answer file request', lastErrno()))
    }
  }
  return length > 0
}
