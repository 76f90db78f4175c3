import type { ImageText } from '@tetragon-ts/policy'
import { anyLength, type WildcardText } from '../text/wildcard.ts'

/** A value as one literal; undefined if it has a wildcard inside. */
export function imageAnchor(parts: WildcardText): Pick<ImageText, 'text' | 'anchor'> | undefined {
  const isOpenBefore = parts[0] === anyLength
  const isOpenAfter = parts.length > 0 && parts.at(-1) === anyLength
  const inner = parts.slice(isOpenBefore ? 1 : 0, isOpenAfter ? -1 : undefined)
  const [text = ''] = inner
  if (inner.length > 1 || typeof text !== 'string') return undefined
  if (isOpenBefore) return { text, anchor: isOpenAfter ? 'anywhere' : 'end' }
  return { text, anchor: isOpenAfter ? 'start' : 'whole' }
}
