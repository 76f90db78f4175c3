import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { agentProgram, makeTestFolder } from '../testing/index.ts'

const stranger = 65534

/** Files that other users place where the agent writes. */
const plants: Record<string, { plant(path: string, victim: string): void; reason: RegExp }> = {
  'a link to a file of root': {
    plant: (path, victim) => symlinkSync(victim, path),
    reason: /symbolic link/,
  },
  'a FIFO': {
    plant: (path) => void spawnSync('mkfifo', [path]),
    reason: /not a regular file|no process reads the pipe/,
  },
  'a folder': { plant: (path) => mkdirSync(path), reason: /not a regular file/ },
  'a file of theirs': {
    plant: (path) => {
      writeFileSync(path, '')
      chownSync(path, stranger, stranger)
    },
    reason: /belongs to user 65534/,
  },
  'another name of a file of root': {
    plant: (path, victim) => linkSync(victim, path),
    reason: /2 names \(hard links\)/,
  },
}

/** All open their files by `openOwnFile`. */
const options = [
  '--export-filename',
  '--log-file',
  '--pid-file',
  '--cpuprofile',
  '--memprofile',
] as const

let folder: string
let victim: string
beforeEach(() => {
  folder = makeTestFolder()
  victim = join(folder, 'victim')
  writeFileSync(victim, 'precious\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function runAgent(given: Readonly<Record<string, string>>) {
  const all = {
    '--pid-file': join(folder, 'pid'),
    '--export-filename': join(folder, 'events'),
    '--tracing-policy-dir': '',
    ...given,
  }
  const args = Object.entries(all).flat()
  // An agent that hangs has no exit code.
  return spawnSync(agentProgram, args, { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' })
}

describe('an agent refuses to write into', () => {
  for (const [index, [name, { plant, reason }]] of Object.entries(plants).entries()) {
    // All of them for one option, and one of them for all: each is an agent that starts.
    for (const option of index === 0 ? options : options.slice(0, 1)) {
      it(`${name} (${option})`, () => {
        const path = join(folder, 'planted')
        plant(path, victim)
        const { status, stderr } = runAgent({ [option]: path })
        assert.ok(status === 1 || status === 2, `exit code ${status}: ${stderr}`)
        assert.match(stderr, reason)
        assert.match(stderr, /\[AGENT_(FILE|PID_FILE|OPTION)\]\n/)
        assert.equal(readFileSync(victim, 'utf8'), 'precious\n')
      })
    }
  }

  for (const option of [...options, '--server-address'] as const) {
    it(`a folder where everyone can replace files (${option})`, () => {
      const open = join(folder, 'open')
      mkdirSync(open)
      chmodSync(open, 0o777)
      const path = join(open, 'file')
      const given = option === '--server-address' ? `unix://${path}` : path
      const { status, stderr } = runAgent({ [option]: given })
      assert.ok(status === 1 || status === 2, `exit code ${status}: ${stderr}`)
      assert.match(stderr, /everyone may replace files in .*\/open;.* chmod o-w /)
    })
  }
})
