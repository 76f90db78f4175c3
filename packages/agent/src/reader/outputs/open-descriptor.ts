import { constants, fstatSync, openSync } from 'node:fs'
import { growPipe } from '@tetragon-ts/ebpf/sys'
import { Descriptor } from './descriptor.ts'
import { FileSink } from './file-sink.ts'
import type { LineQueue } from './line-queue.ts'
import type { Sink } from './sink.ts'
import { StreamSink } from './stream-sink.ts'

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
/** The maximum that the kernel grants without privileges, so that each attempt can write more. */
const pipeSize = 1 << 20

/**
 * A sink for a descriptor that other processes may share. O_NONBLOCK belongs to the open file and
 * would affect their writes, for example those of a shell after the agent has ended. So pipes and
 * devices are opened again, sockets are written with MSG_DONTWAIT, and all others are written by
 * the thread pool, like files.
 */
export function openDescriptor(
  fd: number,
  queue: LineQueue,
  observer: { warn(message: string): void },
): Sink {
  const stats = fstatSync(fd)
  if (stats.isSocket()) {
    return new StreamSink({ fd, isSocket: true, isOwned: false }, queue, observer)
  }
  const own = stats.isFIFO() || stats.isCharacterDevice() ? reopen(fd) : undefined
  if (own === undefined) return new FileSink(new Descriptor(fd, observer), queue)
  return openStream(own, queue, observer)
}

/**
 * A sink for a pipe or device that the agent opened.
 * @param fd with O_NONBLOCK
 */
export function openStream(
  fd: number,
  queue: LineQueue,
  observer: { warn(message: string): void },
): Sink {
  // Without effect on a device.
  growPipe(fd, pipeSize)
  return new StreamSink({ fd, isSocket: false, isOwned: true }, queue, observer)
}

/** Undefined if /proc or the owner of a pipe does not allow it, or the pipe has no reader. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return undefined
  }
}
