import { AgentError } from '../../error.ts'
import type { BackupLimits } from './backups.ts'
import { DescriptorSink } from './descriptor-sink.ts'
import { NoSink } from './no-sink.ts'
import { openDevice } from './open-device.ts'
import { type FileObserver, RotatingFile, type Rotation } from './rotating-file.ts'
import type { Sink } from './sink.ts'

/** Which sink, in a form that travels to the worker. */
export type SinkOptions =
  | { readonly kind: 'none' }
  | { readonly kind: 'stdout' }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      /** Without it the file only grows. */
      readonly rotation?: Rotation & BackupLimits
    }

const never: Rotation = { maxSize: Number.POSITIVE_INFINITY, interval: 0 }

/**
 * Opens a sink. A file is appended to; a pipe or a device is not rotated.
 * @throws AgentError AGENT_FILE with the path and the reason
 */
export function openSink(options: SinkOptions, observer: FileObserver): Sink {
  if (options.kind === 'none') return new NoSink()
  if (options.kind === 'stdout') return new DescriptorSink(1, false)
  const { path, mode, rotation = never } = options
  try {
    return openDevice(path) ?? new RotatingFile(path, mode, rotation, observer)
  } catch (cause) {
    const message = `open export file ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_FILE', message, { cause })
  }
}
