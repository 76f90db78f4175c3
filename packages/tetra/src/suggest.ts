import { didYouMean } from '@tetragon-ts/service/options'

/** The nearest one of a few words, for an error message: all of them if none is similar. */
export function suggestOne(word: string, words: readonly string[]): string {
  return didYouMean(word, words) || `; expected one of ${words.join(', ')}`
}
