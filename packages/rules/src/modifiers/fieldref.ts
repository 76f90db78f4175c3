import { changeEach, type Modifier, ModifierError, requireFirst, requirePlain } from './modifier.ts'

export const fieldref: Modifier = {
  name: 'fieldref',
  doc: 'the value is the name of a field that has the same value',
  apply(item) {
    if (item.applied.some((name) => name !== 'neq')) requireFirst(item, 'fieldref')
    if (item.field === undefined) throw new ModifierError('fieldref needs a field')
    changeEach(item, (draft) => {
      const other = requirePlain(draft, 'fieldref')
      return { kind: 'field', other, position: 'whole', cased: false }
    })
  },
}
