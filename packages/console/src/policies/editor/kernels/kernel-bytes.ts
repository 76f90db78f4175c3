import type { DistinctKernel } from '@tetragon-ts/api'
import type { Call } from '../../../page/call.ts'

/** Maximum size of a file: that of the compiler, which reads it. */
const fileMax = 8 << 20

/** @throws Error with the reason for the user */
export async function bytesOfFile(file: File): Promise<Uint8Array> {
  if (file.size > fileMax) {
    throw new Error(`read description: ${file.size} bytes, more than ${fileMax}`)
  }
  return new Uint8Array(await file.arrayBuffer())
}

/**
 * The description of a kernel, from its first node.
 * @throws Error with the reason for the user
 */
export async function fetchKernel(
  { hash, nodes }: Pick<DistinctKernel, 'hash' | 'nodes'>,
  call: Call,
): Promise<Uint8Array> {
  const [answer] = await call('GetKernel', { with_description: true }, nodes[0])
  if (answer?.response === undefined) throw new Error(answer?.failure ?? 'there is no such agent')
  const text = atob(answer.response.description ?? '')
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  // An agent must not describe the kernel of other nodes wrongly. Only secure pages have hashes.
  const digest = await globalThis.crypto.subtle?.digest('SHA-256', bytes)
  if (digest === undefined) throw new Error('the page needs HTTPS or localhost to check hashes')
  const found = [...new Uint8Array(digest)].map((each) => each.toString(16).padStart(2, '0'))
  if (found.join('') !== hash) {
    throw new Error('the description is not the one that its hash names')
  }
  return bytes
}
