import { openEnds } from './affix.ts'
import type { Modifier } from './modifier.ts'

export const startswith: Modifier = {
  name: 'startswith',
  doc: 'the field starts with the value',
  apply: (item) => openEnds(item, { before: false, after: true }, 'startswith'),
}
