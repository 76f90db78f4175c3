import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { build, type Metafile } from 'esbuild'
import { repositoryRoot } from '../vm/repository.ts'
import { assertSpdx, componentsOf, cycloneDxErrors, type SpdxDocument } from './bill-schema.ts'

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
}
interface Artefact {
  readonly file: string
  readonly version: string
  readonly components: readonly object[]
}
interface Modules {
  describeArtefacts(folder: string, artefacts: readonly Artefact[]): void
  npmComponent(npm: Package): object
  debianComponent(file: string, suite: string, license: string): { purl: string; version: string }
  packagesOfOutputs(outputs: readonly Metafile['outputs'][string][]): Package[]
}

const load = async (name: string) => {
  return (await import(join(repositoryRoot, `scripts/bill/${name}.mjs`))) as Modules
}
const { describeArtefacts } = await load('describe-artefacts')
const { npmComponent, debianComponent } = await load('components')
const { packagesOfOutputs } = await load('contained-packages')

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bills-'))
  file = join(folder, 'artefact')
  writeFileSync(file, 'content')
})
afterEach(() => rmSync(folder, { recursive: true }))

const yaml = { name: 'yaml', version: '2.9.1', license: 'ISC' }
const scoped = { name: '@a/b', version: '1.0.0', license: 'MIT OR Apache-2.0' }

function describeWith(...packages: readonly Package[]): void {
  describeArtefacts(folder, [{ file, version: '1.2.3', components: packages.map(npmComponent) }])
}
const read = (suffix: string): unknown => JSON.parse(readFileSync(`${file}.${suffix}.json`, 'utf8'))

describe('the bills of materials', () => {
  it('are valid, and name the components', () => {
    describeWith(yaml, scoped)
    assert.deepEqual(componentsOf(file), ['yaml', '@a/b'])
    assert.match(readFileSync(`${file}.cdx.json`, 'utf8'), /"purl": "pkg:npm\/%40a\/b@1\.0\.0"/)
  })

  it('are the same for the same artefact', () => {
    const bills = () => ['cdx', 'spdx'].map((suffix) => JSON.stringify(read(suffix)))
    describeWith(yaml)
    const first = bills()
    describeWith(yaml)
    assert.deepEqual(bills(), first)
    writeFileSync(file, 'other content')
    describeWith(yaml)
    assert.notDeepEqual(bills(), first)
  })

  it('would not be valid with other licences or without identifiers', () => {
    describeWith(yaml)
    const text = JSON.stringify(read('cdx'))
    const wrong: unknown = JSON.parse(text.replace('"id":"ISC"', '"id":"No licence"'))
    assert.match(cycloneDxErrors(wrong).join('\n'), /^\/components\/0\/licenses/m)
    const { packages, ...document } = read('spdx') as SpdxDocument
    assert.throws(() => assertSpdx({ ...document, packages: packages.slice(0, 1) }))
  })

  it('are refused for licences that are not in the list', () => {
    for (const license of ['AGPL-3.0-only', 'MIT AND AGPL-3.0-only', undefined]) {
      const refused = { ...yaml, ...{ license } } as Package
      assert.throws(
        () => describeWith(refused),
        /^Error: check licences of artefact: .*yaml 2\.9\.1/,
      )
    }
    assert.throws(() => readFileSync(`${file}.cdx.json`), /ENOENT/)
  })

  it('name packages of Debian as scanners do', () => {
    const { purl, version } = debianComponent('libx++6_1%3a2.1+b1_amd64.deb', 'trixie', 'MIT')
    assert.equal(version, '1:2.1+b1')
    const expected = 'pkg:deb/debian/libx%2B%2B6@1%3A2.1%2Bb1?arch=amd64&distro=trixie'
    assert.equal(purl, expected)
  })
})

describe('the contents of a bundle', () => {
  it('are the packages of which it has code', async () => {
    const contents = `import { parse } from 'yaml'
      import { RE2JS } from 're2js'
      import { hexDigits } from '@tetragon-ts/api'
      console.log(parse, hexDigits)`
    const { metafile } = await build({
      stdin: { contents, resolveDir: join(repositoryRoot, 'packages/policy') },
      bundle: true,
      platform: 'node',
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent',
      external: ['@tetragon-ts/api'],
    })
    const found = packagesOfOutputs(Object.values(metafile.outputs))
    assert.deepEqual(
      found.map(({ name, license }) => [name, license]),
      [['yaml', 'ISC']],
    )
  })
})
