import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'

let folder: string
let work: string
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'versions-'))
  folder = join(work, 'sources')
  mkdirSync(join(folder, 'scripts'), { recursive: true })
  for (const name of ['version.mjs', 'source-facts.mjs']) {
    cpSync(join(repositoryRoot, 'scripts', name), join(folder, 'scripts', name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "version": "0.1.0" }\n')
})
afterEach(() => rmSync(work, { recursive: true }))

/** Runs a program without settings of this machine. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { PATH } = process.env
  const own = { PATH, HOME: work, GIT_CONFIG_NOSYSTEM: '1', ...env }
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: own })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}
const git = (...args: string[]) => run('git', ['-C', folder, ...args])
function commit(time: string): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@a.example']
  const date = { GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: time }
  git('add', '.')
  const args = ['-C', folder, ...identity, 'commit', '-q', '--allow-empty', '-m', 'x']
  run('git', args, date)
  return git('rev-parse', '--short=8', 'HEAD')
}
const version = (from = folder, env = {}) =>
  run(process.execPath, [join(from, 'scripts/version.mjs')], env)
function packaged(of: string): string {
  const script = `import(${JSON.stringify(join(folder, 'scripts/version.mjs'))})`
  const print = `.then(({ packageVersion }) => console.log(packageVersion('${of}')))`
  return run(process.execPath, ['--input-type=module', '--eval', script + print])
}

describe('the version of a build', () => {
  it('is that of package.json without git, or what the environment says', () => {
    assert.equal(version(), '0.1.0')
    assert.equal(version(folder, { TETRAGON_VERSION: '7.0.0' }), '7.0.0')
  })

  it('is that of a release at its tag, and of the next one after it', () => {
    git('init', '-q')
    commit('2026-01-02T03:04:05Z')
    git('tag', 'v0.1.0')
    assert.equal(version(), '0.1.0')
    const hash = commit('2026-01-02T05:04:05+01:00')
    const next = `0.2.0-dev.20260102040405.g${hash}`
    assert.equal(version(), next)
    writeFileSync(join(folder, 'package.json'), '{ "version": "0.1.0"}')
    assert.equal(version(), `${next}.modified`)
  })

  it('is the same in a shallow clone', () => {
    git('init', '-q')
    commit('2026-01-02T03:04:05Z')
    commit('2026-01-02T03:04:06Z')
    const clone = join(work, 'clone')
    run('git', ['clone', '-q', '--depth', '1', `file://${folder}`, clone])
    assert.equal(version(clone), version())
  })

  it('is newer for a later commit in Debian, and older than the release', () => {
    const versions = [
      '0.1.0',
      '0.2.0-dev.20260102030405.gffffffff',
      '0.2.0-dev.20260102030405.gffffffff.modified',
      '0.2.0-dev.20260102030406.g00000000',
      '0.2.0',
    ].map(packaged)
    assert.equal(versions[1], '0.2.0~dev20260102030405+gffffffff')
    for (const [i, older] of versions.slice(0, -1).entries()) {
      run('dpkg', ['--compare-versions', older, 'lt', versions[i + 1]!])
    }
  })
})

describe('the chart of a build', () => {
  it('has its version, also as the tag of the image', () => {
    const chart = join(work, 'chart')
    const module = JSON.stringify(join(repositoryRoot, 'scripts/chart.mjs'))
    const write = `import(${module}).then(({ writeChart }) => writeChart('${chart}', '0.2.0-dev.1'))`
    run(process.execPath, ['--input-type=module', '--eval', write])
    const [description, values] = ['Chart.yaml', 'values.yaml'].map((name) => {
      return readFileSync(join(chart, name), 'utf8')
    })
    assert.match(description!, /^version: 0\.2\.0-dev\.1\nappVersion: 0\.2\.0-dev\.1$/m)
    assert.match(values!, /^ {4}tag: v0\.2\.0-dev\.1$/m)
  })
})

describe('the packages for npm', () => {
  it('have the licence', () => {
    const licence = readFileSync(join(repositoryRoot, 'LICENSE'), 'utf8')
    for (const name of readdirSync(join(repositoryRoot, 'packages'))) {
      assert.equal(readFileSync(join(repositoryRoot, 'packages', name, 'LICENSE'), 'utf8'), licence)
    }
  })
})
