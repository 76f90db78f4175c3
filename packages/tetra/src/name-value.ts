import { BadValue } from '@tetragon-ts/service/options'

/** Parses `NAME=VALUE`. @throws BadValue */
export function readNameValue(text: string): readonly [name: string, value: string] {
  const split = text.indexOf('=')
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)]
  throw new BadValue(`invalid value "${text}" (expected NAME=VALUE)`)
}
