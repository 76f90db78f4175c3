import { changeEach, type Modifier, ModifierError } from './modifier.ts'

export const cased: Modifier = {
  name: 'cased',
  doc: 'upper and lower case differ',
  apply(item) {
    changeEach(item, (draft) => {
      if (draft.kind === 'text' || draft.kind === 'field') return { ...draft, cased: true }
      throw new ModifierError('cased needs a text')
    })
  },
}
