import { type DocumentOf, object, oneOf, required } from '../fields/schema.ts'
import { actionFields, actionNames } from './index.ts'

export const actionSchema = object(
  'Action',
  'Executed when a selector matches. Fields of other actions have no effect. A policy with an ' +
    'enforcing action that this kernel cannot carry out is refused, unless its mode is `monitor`.',
  { action: required(oneOf('The action.', actionNames)), ...actionFields },
)
export type ActionDocument = DocumentOf<typeof actionSchema>
