import { CelError } from './syntax.ts'

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  "'": "'",
  n: '\n',
  r: '\r',
  t: '\t',
}

/** The text of a literal in quotes. @throws CelError for an unknown escape */
export function literalText(quoted: string, offset: number): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => {
    const meant = escapes[letter]
    if (meant !== undefined) return meant
    const known = Object.keys(escapes).map((each) => `\\${each}`)
    throw new CelError(offset, `unknown escape \\${letter}: use one of ${known.join(' ')}`)
  })
}
