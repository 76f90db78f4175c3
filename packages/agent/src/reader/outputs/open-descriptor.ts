import { constants, fstatSync, openSync } from 'node:fs'
import { growPipe } from '@tetragon-ts/ebpf/sys'
import { Descriptor } from './descriptor.ts'
import { FileSink } from './file-sink.ts'
import type { LineQueue } from './line-queue.ts'
import type { Sink } from './sink.ts'
import { StreamSink } from './stream-sink.ts'

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
/** As much as the kernel grants without privileges: each attempt to write can hand over more. */
const pipeSize = 1 << 20

/**
 * A sink for a descriptor that other processes may share. O_NONBLOCK belongs to the open file, so
 * setting it would make their writes fail as well: a shell's after the agent has ended, for
 * instance. So pipes and devices are opened once more, sockets are asked with each call not to
 * wait, and what can be neither is written by the thread pool, as files are.
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
 * A sink for a pipe or a device of its own.
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

/** Undefined where /proc or the owner of a pipe does not allow it, or the pipe has no reader. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return undefined
  }
}
