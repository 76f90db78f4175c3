import { readOwnText } from '@tetragon-ts/service/own-files'

/** Set in the bundle that is one file (scripts/programs.mjs). */
declare const tetraVersion: string | undefined

/** The version of tetra, from its package unless the bundle has it. */
export function ownVersion(): string {
  if (typeof tetraVersion === 'string') return tetraVersion
  const text = readOwnText(new URL('../../package.json', import.meta.url))
  return (JSON.parse(text) as { version: string }).version
}
