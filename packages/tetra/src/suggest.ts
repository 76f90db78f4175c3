import { nearest } from '@tetragon-ts/api'

/** `; did you mean "X"?` for an error message, or nothing when no name is near. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, [...names])
  return name === undefined ? '' : `; did you mean "${name}"?`
}
