import { openSync } from 'node:fs'
import { DescriptorSink } from './descriptor-sink.ts'
import type { Sink } from './sink.ts'

/** Which sink, in a form that travels to the worker. */
export type SinkOptions =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number }

/** Opens a sink. A file is appended to. @throws Error of the file system */
export function openSink(options: SinkOptions): Sink {
  switch (options.kind) {
    case 'stdout':
      return new DescriptorSink(1, false)
    case 'file':
      return new DescriptorSink(openSync(options.path, 'a', options.mode), true)
  }
}
