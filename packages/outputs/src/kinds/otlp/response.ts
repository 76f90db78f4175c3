import { codecOf, type MessageOf, type MessageType } from '@tetragon-ts/api'

/** Decodes the answer to a request. Its status was a success, whatever it contains. */
export function decodeResponse<M extends MessageType>(
  type: M,
  answer: Uint8Array,
): MessageOf<M> | Record<string, never> {
  try {
    return codecOf(type).decode(answer)
  } catch {
    return {}
  }
}
