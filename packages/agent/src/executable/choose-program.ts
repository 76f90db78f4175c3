import { basename } from 'node:path'

/** A program of the executable, and its command line. */
export interface Choice {
  readonly program: 'tetra' | 'tetragon' | 'licences'
  readonly argv: readonly string[]
}

/**
 * The executable is two programs: under a name such as `tetra` it is that one, and under all others
 * the first word can be `tetra`.
 * @param calledAs the name or path that it was started with
 */
export function chooseProgram(calledAs: string, words: readonly string[]): Choice {
  if (/^tetra(?!gon)/.test(basename(calledAs))) return { program: 'tetra', argv: words }
  const [first, ...rest] = words
  if (first === 'tetra' || first === 'licences') return { program: first, argv: rest }
  return { program: 'tetragon', argv: words }
}
