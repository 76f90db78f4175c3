import type { InfoBuild } from '@tetragon-ts/api'

/** What scripts/bundle.mjs found in git; not defined outside of the bundle. */
declare const tetragonSource: Omit<InfoBuild, 'go_version'> | undefined

/**
 * What the agent was built from, and the runtime with its version in the place of Go's. Commit, the
 * commit's time and whether files were modified are missing if the build had no git repository.
 */
export function buildInfo(): InfoBuild {
  const source = typeof tetragonSource === 'undefined' ? {} : tetragonSource
  return { go_version: `node ${process.version}`, ...source }
}
