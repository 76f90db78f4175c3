import { openSync, realpathSync, statSync } from 'node:fs'
import type { BackupLimits } from './backups.ts'
import { DescriptorSink } from './descriptor-sink.ts'
import { NoSink } from './no-sink.ts'
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

/** The same, with the file that a symbolic link leads to: rotation must not rename the link. */
export function withRealPath(options: SinkOptions): SinkOptions {
  if (options.kind !== 'file' || !isFile(options.path)) return options
  return { ...options, path: realpathSync(options.path) }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const never: Rotation = { maxSize: Number.POSITIVE_INFINITY, interval: 0 }

/**
 * Opens a sink. A file is appended to; a pipe or a device that a path leads to is no file to rotate.
 * @throws Error with the path and what the file system says
 */
export function openSink(options: SinkOptions, observer: FileObserver): Sink {
  if (options.kind === 'none') return new NoSink()
  if (options.kind === 'stdout') return new DescriptorSink(1, false)
  const { path, mode, rotation = never } = options
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there !== undefined && !there.isFile()) return new DescriptorSink(openSync(path, 'a'), true)
    return new RotatingFile(path, mode, rotation, observer)
  } catch (error) {
    throw new Error(`open export file ${path}: ${(error as Error).message}`, { cause: error })
  }
}
