// A dry run of a whole release: all files of this commit, published to a registry on localhost.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { digestOf, runOrThrow, runProgram } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'
import { Registry } from './registry.ts'

const script = join(repositoryRoot, 'scripts/release.mjs')
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a release', () => {
  const work = mkdtempSync(join(tmpdir(), 'release-'))
  const folder = join(work, 'files')
  const key = join(work, 'signing.pem')
  let registry: Registry
  let env: NodeJS.ProcessEnv
  let version = ''
  const publish = () =>
    runProgram(process.execPath, [script, 'publish', '--dry-run', '--plain-http', folder], { env })
  before(async () => {
    registry = await Registry.start(work)
    const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']
    await runOrThrow('openssl', ['genpkey', ...curve, '-out', key])
    env = { ...process.env, TETRAGON_SIGNING_KEY: key, TETRAGON_REGISTRY: registry.address }
    await runOrThrow(process.execPath, [script, '--dry-run', 'fast', folder], { env })
    const versions = join(repositoryRoot, 'scripts/version.mjs')
    version = (await runOrThrow(process.execPath, [versions], { env })).trim()
  })
  after(async () => {
    await registry?.stop()
    rmSync(work, { recursive: true })
  })

  it('has each file in one signed list of checksums, with its bills and its provenance', async () => {
    await runOrThrow('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: folder })
    const listed = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n')
    const names = listed.map((line) => line.split('  ')[1]!)
    const others = readdirSync(folder).filter((name) => !names.includes(name))
    assert.ok(others.includes('SHA256SUMS.sig'))
    const unlisted = others.filter((name) => !/^SHA256SUMS|\.sig$|\.sigstore\.json$/.test(name))
    assert.deepEqual(unlisted, [])
    const files = names.filter((name) => !/\.(cdx|spdx)\.json$|^RELEASE-NOTES/.test(name))
    for (const kind of [/^tetragon-ts-.*-linux-x64$/, /\.deb$/, /\.rpm$/, /linux-x64\.tar\.gz$/]) {
      assert.ok(
        files.some((name) => kind.test(name)),
        String(kind),
      )
    }
    for (const name of files) assert.ok(others.includes(`${name}.sigstore.json`), name)
  })

  it('has notes that begin with what needs a change', () => {
    const notes = readFileSync(join(folder, 'RELEASE-NOTES.md'), 'utf8')
    assert.match(notes, new RegExp(`^# tetragon-ts ${version}\\n\\nNeeds a change of existing`))
    assert.ok(notes.includes(`${registry.address}/tetragon-ts:v${version}`))
  })

  it('is not published if a byte has changed', async () => {
    const path = join(folder, `tetragon-chart-${version}.tar`)
    const content = readFileSync(path)
    const changed = Buffer.from(content)
    changed[1000]! ^= 1
    writeFileSync(path, changed)
    const { exitCode, stderr } = await publish()
    assert.equal(exitCode, 1)
    assert.match(stderr, /tetragon-chart-\S+ has changed since it was signed/)
    await assert.rejects(registry.manifest('tetragon-ts', `v${version}`), /404/)
    writeFileSync(path, content)
  })

  it('is published with the image and the chart of its files', async () => {
    const { exitCode, stderr } = await publish()
    assert.equal(exitCode, 0, stderr)
    const image = await registry.manifest('tetragon-ts', `v${version}`)
    const archives = readdirSync(folder)
    const archive = archives.find((name) => /^tetragon-image-.*\.tar$/.test(name))!
    assert.equal(image.digest, await digestOf(join(folder, archive)))
    const chart = await registry.manifest('charts/tetragon', version)
    assert.deepEqual(chart.layers, [`sha256:${sha256(join(folder, `tetragon-${version}.tgz`))}`])
  })
})
