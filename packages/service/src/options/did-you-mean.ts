import { nearest } from '@tetragon-ts/api/nearest'

/** `; did you mean "X"?` for an error message, or nothing if no name is similar. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, [...names])
  return name === undefined ? '' : `; did you mean "${name}"?`
}
