import { escapeUnprintable } from '@tetragon-ts/api'

/** A message whose names of files and processes are untrusted: they must not control a terminal. */
export function printable(message: string): string {
  return message.split('\n').map(escapeUnprintable).join('\n')
}
