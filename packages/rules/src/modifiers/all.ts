import { type Modifier, ModifierError } from './modifier.ts'

export const all: Modifier = {
  name: 'all',
  doc: 'all values must match, instead of one',
  apply(item) {
    if (item.values.length < 2) throw new ModifierError('all needs several values')
    item.all = true
  },
}
