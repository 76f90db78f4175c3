import { escapeUnprintable } from '@tetragon-ts/api'

/** Makes everything in a text visible that would not be, except its line breaks. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeUnprintable).join('\n')
}
