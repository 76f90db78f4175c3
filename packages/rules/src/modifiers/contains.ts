import { openEnds } from './affix.ts'
import type { Modifier } from './modifier.ts'

export const contains: Modifier = {
  name: 'contains',
  doc: 'the value is anywhere in the field',
  apply: (item) => openEnds(item, { before: true, after: true }, 'contains'),
}
