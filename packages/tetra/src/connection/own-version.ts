import { readFile } from 'node:fs/promises'

/** Set in the bundle that is one file (scripts/programs.mjs). */
declare const tetraVersion: string | undefined

/** The version of tetra, from its package unless the bundle has it. */
export async function ownVersion(): Promise<string> {
  if (typeof tetraVersion === 'string') return tetraVersion
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
