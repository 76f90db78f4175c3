import { readFileSync } from 'node:fs'
import { getAsset } from 'node:sea'

/**
 * Programs have files of their own: code of threads, their package.json. Modules name them by their
 * position, `new URL('../package.json', import.meta.url)`. In a package that is a file on disk. In
 * the single executable (scripts/executable.mjs) the addresses of modules have this scheme, and
 * files with the same relative positions are inside the executable.
 */
export const executableScheme = 'executable:'

/** Whether an address is that of a file inside the executable. */
export function isInExecutable(address: URL): boolean {
  return address.protocol === executableScheme
}

/** The name of a file inside the executable. */
export function nameInExecutable(address: URL): string {
  return address.pathname.slice(1)
}

/**
 * The text of a file of the program itself.
 * @throws Error if it does not have the file
 */
export function readOwnText(address: URL): string {
  return isInExecutable(address)
    ? getAsset(nameInExecutable(address), 'utf8')
    : readFileSync(address, 'utf8')
}
