import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from './vm/repository.ts'

interface Manifest {
  readonly name?: string
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
}

function textOf(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8')
}

function manifest(path: string): Manifest {
  return JSON.parse(textOf(path)) as Manifest
}

const packages = readdirSync(join(repositoryRoot, 'packages')).map((name) => `packages/${name}`)
const minimum = minimumOf(manifest('package.json'))

/** The lowest release of `>=20.19`, or of `^20.19 || >=22.12`, as major and minor. */
function minimumOf({ name, engines }: Manifest): readonly [major: number, minor: number] {
  const [, major, minor = '0'] = /^(?:>= ?|\^)(\d+)(?:\.(\d+))?/.exec(engines?.node ?? '>=0') ?? []
  assert.ok(major !== undefined, `${name}: engines.node is ${engines?.node}`)
  return [Number(major), Number(minor)]
}

/** The release of the current LTS that CI tests with. */
function testedLts(): readonly [major: number, minor: number] {
  const [, major, minor] = /^const release = '(\d+)\.(\d+)\.\d+'$/m.exec(
    textOf('scripts/test-lts.mjs'),
  ) ?? ['', '0', '0']
  return [Number(major), Number(minor)]
}

describe('releases of Node.js', () => {
  it('are the same in all packages', () => {
    for (const folder of packages) {
      assert.deepEqual(minimumOf(manifest(`${folder}/package.json`)), minimum, folder)
    }
  })

  it('are no earlier than what dependencies need', () => {
    const names = packages.flatMap((folder) =>
      Object.keys(manifest(`${folder}/package.json`).dependencies ?? {}),
    )
    for (const name of new Set(names)) {
      const [major, minor] = minimumOf(manifest(`node_modules/${name}/package.json`))
      const isCovered = major < minimum[0] || (major === minimum[0] && minor <= minimum[1])
      assert.ok(isCovered, `${name} needs Node.js ${major}.${minor}`)
    }
  })

  it('are tested: the minimum by `npm test`, the current LTS by `npm run test:lts`', () => {
    const [lts] = testedLts()
    assert.ok(lts % 2 === 0 && lts > minimum[0], `the LTS is ${lts}`)
    // APIs that are not in the types of the minimum release must not be used.
    const types = manifest('package.json') as { devDependencies: Record<string, string> }
    assert.equal(types.devDependencies['@types/node'].split('.')[0], String(minimum[0]))
    assert.match(textOf('.ci/run'), /test:lts/)
  })

  it('are called what they are in README files', () => {
    const [lts] = testedLts()
    for (const path of ['README.md', 'packages/ebpf/README.md']) {
      for (const [, release] of textOf(path).matchAll(/Node(?:\.js)? (\d+(?:\.\d+)?)/g)) {
        const [major, minor] = release.split('.')
        const known = [minimum[0], lts].includes(Number(major))
        assert.ok(known, `${path}: Node.js ${release}`)
        if (minor !== undefined) assert.equal(release, minimum.join('.'), path)
      }
    }
  })
})
