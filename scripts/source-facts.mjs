// The commit of this checkout: the build information of the agent (GetInfo).

import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'

/**
 * The time of a build, in seconds: SOURCE_DATE_EPOCH, or else that of the commit.
 * @throws Error if the variable is not a number of seconds
 */
export function buildTime(root) {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given && !/^\d{1,11}$/.test(given)) {
    throw new Error(`read SOURCE_DATE_EPOCH: invalid seconds '${given}'`)
  }
  if (given) return Number(given)
  return Math.floor(Date.parse(sourceFacts(root).time ?? new Date().toISOString()) / 1000)
}

/**
 * Commit, its time in UTC and whether files were modified. Nothing without git, in an unpacked
 * archive, or if git refuses the folder; a repository around an unpacked archive is ignored.
 * @param root the folder of the sources
 */
export function sourceFacts(root) {
  const git = (...args) => {
    const command = ['-C', root, '--no-optional-locks', ...args]
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' }
    const { status, stdout } = spawnSync('git', command, { encoding: 'utf8', env })
    return status === 0 ? stdout.trim() : undefined
  }
  const top = git('rev-parse', '--show-toplevel')
  if (top === undefined || realpathSync(top) !== realpathSync(root)) return {}
  const format = ['--format=%H %cd', '--date=format-local:%Y-%m-%dT%H:%M:%SZ']
  const [commit, time] = git('log', '-1', ...format)?.split(' ') ?? []
  const changes = git('status', '--porcelain', '--untracked-files=no')
  if (commit === undefined || changes === undefined) return {}
  return { commit, time, modified: String(changes !== '') }
}
