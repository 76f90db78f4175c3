import { readFileSync } from 'node:fs'

/** The version of the agent, from its package. This file and the bundle are one folder below it. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
