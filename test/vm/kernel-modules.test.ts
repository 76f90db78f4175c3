import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { loadOrder, moduleDependencies, moduleName } from './kernel-modules.ts'

const folder = mkdtempSync(join(tmpdir(), 'modules-'))
after(() => rmSync(folder, { recursive: true }))

function addModule(name: string, depends: string): void {
  mkdirSync(join(folder, 'kernel', 'fs'), { recursive: true })
  const info = `license=GPL\0depends=${depends}\0name=${name}\0`
  writeFileSync(join(folder, 'kernel', 'fs', `${name}.ko`), `\x7fELF\0${info}`)
}

describe('moduleName', () => {
  it('takes paths, with or without compression, in the spelling of the kernel', () => {
    assert.equal(moduleName('kernel/drivers/char/virtio-rng.ko.xz'), 'virtio_rng')
    assert.equal(moduleName('fuse'), 'fuse')
  })
})

describe('moduleDependencies', () => {
  it('finds the list, an empty one, and none', () => {
    const object = (text: string) => Buffer.from(text, 'latin1')
    assert.deepEqual(moduleDependencies(object('x\0depends=a,b-c\0')), ['a', 'b_c'])
    assert.deepEqual(moduleDependencies(object('x\0depends=\0')), [])
    assert.deepEqual(moduleDependencies(object('nothing')), [])
  })
})

describe('loadOrder', () => {
  it('puts what a module needs before it, once, and leaves out what is built in', async () => {
    addModule('virtiofs', 'fuse,virtio_ring,virtio')
    addModule('fuse', '')
    addModule('virtio', 'virtio_ring')
    addModule('virtio_ring', '')
    writeFileSync(join(folder, 'modules.builtin'), 'kernel/drivers/virtio/virtio_pci.ko\n')
    const modules = await loadOrder(folder, ['virtio_pci', 'virtiofs', 'fuse'])
    const names = modules.map((module) => module.name)
    assert.deepEqual(names, ['fuse', 'virtio_ring', 'virtio', 'virtiofs'])
  })

  it('says which module is nowhere', async () => {
    writeFileSync(join(folder, 'modules.builtin'), '')
    await assert.rejects(loadOrder(folder, ['overlay']), /load module overlay: not in/)
  })
})
