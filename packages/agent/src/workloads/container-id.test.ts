import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import {
  containerIdOfCgroup,
  containerIdsOfNames,
  podUidOfCgroup,
  shownContainerId,
} from './container-id.ts'

const id = '0123456789abcdef'.repeat(4)
const shown = id.slice(0, 31)

describe('name of a control group', () => {
  for (const name of [
    id,
    `docker-${id}.scope`,
    `cri-containerd-${id}.scope`,
    `crio-${id}.scope`,
    `crio-${id}`,
    `libpod-${id}.scope`,
    `system.slice:docker:${id}`,
    `kubepods-besteffort-pod1a2b.slice:cri-containerd:${id}`,
    `${id}.scope`,
  ]) {
    it(`finds the container: ${name.replace(id, 'ID')}`, () => {
      assert.equal(containerIdOfCgroup(name), id)
    })
  }

  for (const name of [
    '',
    'init.scope',
    'user-1000.slice',
    id.slice(1),
    `${id}0`,
    id.toUpperCase(),
    `docker-${id}.service`,
    `crio-conmon-${id}.scope`,
    `libpod-conmon-${id}.scope`,
    `conmon-${id}`,
    `${id}\n`,
  ]) {
    it(`finds none: ${JSON.stringify(name.replace(id, 'ID'))}`, () => {
      assert.equal(containerIdOfCgroup(name), '')
    })
  }

  it('is read in linear time', async () => {
    const long = `${'-:'.repeat(50_000)}${id.slice(1)}`
    const cost = await relativeCost(() => assert.equal(containerIdOfCgroup(long), ''))
    assert.ok(cost < 100, `${cost}`)
  })
})

describe('names of nested control groups', () => {
  it('identify all containers, innermost first', () => {
    const other = 'f'.repeat(64)
    const names = ['x'.repeat(70), `docker-${id}.scope`, '', `docker-${other}.scope`]
    assert.deepEqual(containerIdsOfNames(names), [id, other])
    assert.deepEqual(containerIdsOfNames([`libpod-conmon-${other}.scope`, id]), [id])
    assert.deepEqual(containerIdsOfNames(['x'.repeat(70), '']), [])
  })
})

it('31 characters of an id are shown', () => {
  assert.equal(shownContainerId(id), shown)
})

describe('name of the control group of a pod', () => {
  const uid = '1a2b3c4d-1111-2222-3333-444444444444'
  const escaped = uid.replaceAll('-', '_')
  for (const name of [
    `pod${uid}`,
    `kubepods-pod${escaped}.slice`,
    `kubepods-besteffort-pod${escaped}.slice`,
    `kubelet-kubepods-burstable-pod${escaped}.slice`,
  ]) {
    it(`has the uid: ${name}`, () => assert.equal(podUidOfCgroup(name), uid))
  }

  for (const name of [
    '',
    'besteffort',
    `pod${uid}0`,
    `xpod${uid}`,
    `pod${uid}.scope`,
    `pod${id}`,
  ]) {
    it(`has none: ${name.replace(id, 'ID')}`, () => assert.equal(podUidOfCgroup(name), undefined))
  }
})
