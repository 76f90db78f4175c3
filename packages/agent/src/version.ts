import { readOwnText } from '@tetragon-ts/service/own-files'

/** The version of the agent, from its package. This file and the bundle are one folder below it. */
export function version(): string {
  const text = readOwnText(new URL('../package.json', import.meta.url))
  return (JSON.parse(text) as { version: string }).version
}
