import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { clusterFiles } from './cluster-files.ts'
import { Go } from './go.ts'
import { goCache } from './go-cache.ts'

describe('the build of the cluster', () => {
  const before = process.env.XDG_CACHE_HOME
  let folder: string
  let log: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cluster-files-'))
    process.env.XDG_CACHE_HOME = folder
    log = []
  })
  afterEach(async () => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
    await rm(folder, { recursive: true })
  })

  const clusterFolder = () => join(folder, 'tetragon-ts/cluster')

  /** Writes into the cache of Go, as a build does, and fails if that was empty. */
  async function make(_: string, ready: string): Promise<void> {
    const isFirst = !existsSync(goCache())
    await mkdir(goCache(), { recursive: true })
    await writeFile(join(goCache(), 'package.a'), '')
    if (isFirst) throw new Error('no space')
    await mkdir(ready)
    await writeFile(join(ready, 'versions'), '')
  }

  it('keeps what Go has compiled for the next attempt, and removes it after success', async () => {
    await assert.rejects(
      clusterFiles((line) => log.push(line), make),
      /no space/,
    )
    assert.deepEqual(await readdir(clusterFolder()), ['go-cache'])
    const ready = await clusterFiles((line) => log.push(line), make)
    assert.deepEqual(await readdir(ready), ['versions'])
    assert.deepEqual(await readdir(clusterFolder()), [ready.slice(clusterFolder().length + 1)])
  })

  it('leaves the cache to another build that runs', async () => {
    await mkdir(goCache(), { recursive: true })
    const other = `build-p${process.ppid}-abcdef`
    await mkdir(join(clusterFolder(), other))
    await clusterFiles((line) => log.push(line), make)
    assert.ok((await readdir(clusterFolder())).includes('go-cache'))
  })

  it('compiles without paths of the work folder, so that the cache fits the next build', async () => {
    const program = join(folder, 'usr/lib/go-1.24/bin/go')
    await mkdir(join(program, '..'), { recursive: true })
    await writeFile(program, `#!/bin/sh\necho "$GOCACHE" "$@" > ${folder}/called\n`)
    await chmod(program, 0o755)
    await new Go(folder, join(folder, 'go'), goCache()).build(folder, './cmd/x', 'out', [
      '-tags',
      'a',
    ])
    const called = (await readFile(join(folder, 'called'), 'utf8')).trim()
    assert.equal(called, `${goCache()} build -p 2 -trimpath -tags a -o out ./cmd/x`)
  })
})
