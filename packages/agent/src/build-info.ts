import type { InfoBuild } from '@tetragon-ts/api'

/** Set by scripts/bundle.mjs from git; undefined outside of the bundle. */
declare const tetragonSource: Omit<InfoBuild, 'go_version'> | undefined

/**
 * What the agent was built from; the version of Node.js is in the field for the Go version. Commit,
 * time and modified flag are missing if the build had no git repository.
 */
export function buildInfo(): InfoBuild {
  const source = typeof tetragonSource === 'undefined' ? {} : tetragonSource
  return { go_version: `node ${process.version}`, ...source }
}
