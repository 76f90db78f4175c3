import { openEnds } from './affix.ts'
import type { Modifier } from './modifier.ts'

export const endswith: Modifier = {
  name: 'endswith',
  doc: 'the field ends with the value',
  apply: (item) => openEnds(item, { before: true, after: false }, 'endswith'),
}
