import { encodeUtf8 } from '@tetragon-ts/api'
import { type Draft, requirePlain } from './modifier.ts'

/** The bytes of a value: what an encoding produced, or its UTF-8. */
export function encodeBytes(draft: Draft, name: string): Uint8Array {
  return draft.kind === 'bytes' ? draft.bytes : encodeUtf8(requirePlain(draft, name))
}
