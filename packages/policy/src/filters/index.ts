// Filters of events: which events a client gets, and which of their fields.

export { type ErrorRange, FilterError } from '../filter-error.ts'
export { LabelSelectorError } from '../labels/label-selector.ts'
export type { CompiledParts } from './compiled-parts.ts'
export {
  chooseFields,
  type FieldChoice,
  FieldPathError,
  keepChosen,
} from './field-choice.ts'
export {
  compileFieldFilter,
  compileFieldFilters,
  type FieldSelection,
  fieldChoices,
} from './field-filter.ts'
export { requestSize } from './filter-size.ts'
export {
  type CompiledFilters,
  compileFilter,
  compileFilterLists,
  compileFilters,
  expressionFields,
  expressionKinds,
  type FilterMatch,
  type FilterSubject,
  filterSubject,
  prepareFilters,
} from './filters.ts'
