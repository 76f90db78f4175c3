/** Thrown for a filter that cannot be evaluated. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly code = 'invalid_filter'
}
