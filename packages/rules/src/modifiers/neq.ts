import { type Modifier, ModifierError } from './modifier.ts'

export const neq: Modifier = {
  name: 'neq',
  doc: 'the item does not match',
  apply(item) {
    if (item.field === undefined) throw new ModifierError('neq needs a field')
    item.negated = !item.negated
  },
}
