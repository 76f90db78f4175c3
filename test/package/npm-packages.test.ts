import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { publicApi } from './public-api.ts'

const library = join(repositoryRoot, 'packages/ebpf')

describe('the packages for npm', () => {
  interface Manifest {
    readonly private?: boolean
    readonly files: readonly string[]
  }
  const manifest = (folder: string): Manifest => {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  }
  const excluded = (folder: string) => manifest(folder).files.filter((path) => path[0] === '!')

  it('have neither tests nor what only tests use', () => {
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json'], {
      cwd: library,
      encoding: 'utf8',
    })
    const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }]
    const paths = files.map(({ path }) => path)
    assert.ok(paths.includes('dist/lang/index.js'))
    const unwanted = /\.test\.|\.test-data\.|\/testing\/|\.tsbuildinfo$/
    assert.deepEqual(
      paths.filter((path) => unwanted.test(path)),
      [],
    )
  })

  it('have the public interface that users know', () => {
    const known = readFileSync(join(library, 'api.txt'), 'utf8')
    const message = 'if the change is meant: node test/dist/package/write-api.js, and CHANGELOG.md'
    assert.ok(publicApi(join(library, 'dist')) === known, message)
  })

  it('leave out the same', () => {
    const packages = join(repositoryRoot, 'packages')
    for (const name of readdirSync(packages)) {
      const folder = join(packages, name)
      if (!manifest(folder).private) assert.deepEqual(excluded(folder), excluded(library), name)
    }
  })
})
