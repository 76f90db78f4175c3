import { SystemCallError } from './error.ts'
import { Fd } from './fd.ts'
import { check, close, fanotifyInit, fanotifyMark, ioctl, lastErrno, read, write } from './ffi.ts'
import { Memory } from './memory.ts'

// fanotify groups with permission events: include/uapi/linux/fanotify.h.

const [FAN_CLOEXEC, FAN_NONBLOCK, FAN_CLASS_CONTENT] = [0x1, 0x2, 0x4]
const [FAN_UNLIMITED_QUEUE, FAN_UNLIMITED_MARKS, FAN_REPORT_TID] = [0x10, 0x20, 0x100]
const FAN_MARK_ADD = 1
const [FAN_EVENT_ON_CHILD, FAN_ONDIR] = [0x0800_0000, 0x4000_0000]
const [FAN_ALLOW, FAN_DENY] = [1, 2]
const AT_FDCWD = -100

/** FAN_OPEN_PERM and FAN_OPEN_EXEC_PERM. */
const eventMasks = { open: 0x1_0000, execute: 0x4_0000 } as const

/** What callers wait for: opening a file, or executing it. */
type PermissionEvent = keyof typeof eventMasks

/** O_RDONLY, O_CLOEXEC, O_NONBLOCK: how the kernel opens each file for the group. */
const eventFlags = 0o2000000 | 0o4000

/** struct fanotify_event_metadata */
const [eventSize, descriptorAt, threadAt] = [24, 16, 20]

/** include/uapi/asm-generic/ioctls.h: bytes of the events in the queue. */
const FIONREAD = 0x541b
/** include/uapi/asm-generic/errno-base.h */
const ENOENT = 2

/**
 * A group for permission events. Callers wait until the group has answered, or until its last
 * descriptor is closed, which allows what they want. Kernel 5.0.
 * @throws SystemCallError
 */
export function createFanotifyGroup(): Fd {
  const flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASS_CONTENT | FAN_REPORT_TID
  // Events that a full queue has no room for are allowed.
  const unlimited = FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS
  return new Fd(check(fanotifyInit(flags | unlimited, eventFlags), 'create fanotify group'))
}

/**
 * Marks a file, or a folder with the files and folders directly in it, whatever path leads there.
 * Marking it twice has no effect.
 * @param path of the file or folder, which is followed if it is a symbolic link
 * @throws SystemCallError
 */
export function addFanotifyMark(
  group: Fd,
  path: string,
  event: PermissionEvent,
  isFolder: boolean,
): void {
  const mask = eventMasks[event] + (isFolder ? FAN_EVENT_ON_CHILD + FAN_ONDIR : 0)
  check(fanotifyMark(group.number, FAN_MARK_ADD, mask, AT_FDCWD, path), 'mark for fanotify')
}

/** Memory for an event, its response, and the length of the queue. */
let memory: Record<'event' | 'response' | 'queued', Memory> | undefined

/**
 * Answers the events that are pending now, one after the other.
 * @param allows whether a thread may do it; gets a descriptor of the file, and the thread ID in the
 * pid namespace of this process. It must neither throw nor wait for other processes.
 * @param failed called for events that were denied because the kernel could not open the file for
 * the group
 */
export function answerPermissionEvents(
  group: Fd,
  allows: (descriptor: number, thread: number) => boolean,
  failed: (error: Error) => void,
): void {
  const { number } = group
  memory ??= {
    event: Memory.allocate(eventSize),
    response: Memory.allocate(8),
    queued: Memory.allocate(8),
  }
  const { event, response, queued } = memory
  check(ioctl(number, FIONREAD, queued.address), 'count permission events')
  // New events may come faster than they are answered: those are left for later.
  for (let left = queued.view.getInt32(0, true); left >= eventSize; left -= eventSize) {
    // One at a time: of several, the kernel reports errors of the first only.
    if (read(number, event.address, eventSize) < 0) {
      failed(new SystemCallError('open file for fanotify', lastErrno()))
      continue
    }
    const descriptor = event.view.getInt32(descriptorAt, true)
    if (descriptor < 0) continue
    const isAllowed = allows(descriptor, event.view.getInt32(threadAt, true))
    // The kernel only compares the number. An open file could disturb the caller.
    close(descriptor)
    response.view.setInt32(0, descriptor, true)
    response.view.setUint32(4, isAllowed ? FAN_ALLOW : FAN_DENY, true)
    // ENOENT: the caller was killed.
    if (write(number, response.address, 8) < 0 && lastErrno() !== ENOENT) {
      failed(new SystemCallError('answer permission event', lastErrno()))
    }
  }
}
