import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { digestOf, writeOciArchive } from './oci-archive.ts'
import { runOrThrow } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'oci-archive-'))
after(() => rmSync(folder, { recursive: true }))

const root = join(folder, 'root')
mkdirSync(join(root, 'bin'), { recursive: true })
writeFileSync(join(root, 'bin/hello'), 'hello\n', { mode: 0o755 })

const write = (name: string) =>
  writeOciArchive('example/hello:1', root, { Entrypoint: ['/bin/hello'] }, join(folder, name))

describe('an OCI archive', () => {
  it('is the same for the same files', async () => {
    const digests = [await write('one.tar'), await write('two.tar')]
    assert.equal(digests[0], digests[1])
    assert.deepEqual(readFileSync(join(folder, 'one.tar')), readFileSync(join(folder, 'two.tar')))
    assert.equal(await digestOf(join(folder, 'one.tar')), digests[0])
  })

  it('has manifest, configuration and layer under their digests', async () => {
    const digest = await write('image.tar')
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    await runOrThrow('tar', ['-xf', join(folder, 'image.tar'), '-C', unpacked])
    const blobs = join(unpacked, 'blobs/sha256')
    for (const name of readdirSync(blobs)) {
      const [found] = (await runOrThrow('sha256sum', [join(blobs, name)])).split(' ')
      assert.equal(found, name)
    }
    const read = (id: string) => JSON.parse(readFileSync(join(blobs, id.slice(7)), 'utf8'))
    const { config, layers } = read(digest)
    assert.deepEqual(read(config.digest).config, { Entrypoint: ['/bin/hello'] })
    const list = await runOrThrow('tar', ['-tf', join(blobs, layers[0].digest.slice(7))])
    assert.ok(list.split('\n').includes('./bin/hello'))
  })
})
