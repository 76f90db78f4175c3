import { encodeBytes } from './bytes.ts'
import { changeEach, type Draft, type Modifier } from './modifier.ts'

/** Base64 of bytes, with padding. */
export function base64Text(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** A value of which the case counts, as encoded texts are. */
export function encoded(text: string): Draft {
  return { kind: 'text', text: text === '' ? [] : [text], cased: true }
}

export const base64: Modifier = {
  name: 'base64',
  doc: 'the value in Base64',
  apply(item) {
    changeEach(item, (draft) => encoded(base64Text(encodeBytes(draft, 'base64'))))
  },
}
