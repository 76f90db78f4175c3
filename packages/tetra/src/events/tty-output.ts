import type { KprobeArgument } from '@tetragon-ts/api'
import { byteOutput, type Output } from './output.ts'

function bytesOf(arg: KprobeArgument | undefined): Buffer {
  const base64 = arg?.bytes_arg ?? arg?.truncated_bytes_arg?.bytes_arg
  return base64 === undefined ? Buffer.from(arg?.string_arg ?? '') : Buffer.from(base64, 'base64')
}

/**
 * Replays output to one terminal: the bytes in the second argument of hooks whose first argument is
 * the file `path`, including escape sequences. Everything else is omitted.
 */
export function ttyOutput(path: string): Output {
  return byteOutput(({ event }) => {
    if (event.key !== 'process_kprobe') return []
    const [file, data] = event.body.args ?? []
    return file?.file_arg?.path === path ? [bytesOf(data)] : []
  })
}
