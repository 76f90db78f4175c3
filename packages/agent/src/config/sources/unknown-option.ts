import { nearest } from '@tetragon-ts/api'
import { options } from '../families/index.ts'
import { leftOut } from '../left-out.ts'

/** Why a name is no option: left out, with the reason, or unknown, with the nearest one. */
export function unknownOption(name: string, dashes = ''): string {
  const reason = leftOut.get(name)
  if (reason !== undefined) return `${dashes}${name} is not offered here: ${reason}`
  const near = nearest(name, [...options.keys()])
  const hint = near === undefined ? '' : `; did you mean ${dashes}${near}?`
  return `there is no ${dashes}${name}${hint}`
}
