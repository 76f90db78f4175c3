import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Containers } from './containers.ts'

const id = '0123456789abcdef'.repeat(4)
const shown = id.slice(0, 31)
const member = (cgroup: number) => ({ cgroup, key: { pid: 0 }, parent: { pid: 0 } })

it('knows the groups that the kernel side sent', () => {
  const containers = new Containers()
  const of = (cgroup: number) => containers.of(member(cgroup)).docker
  assert.equal(of(10), '')
  containers.add(10, { names: [`docker-${id}.scope`] })
  containers.add(11, { names: [] })
  assert.equal(of(10), shown)
  assert.equal(of(11), '')
  containers.add(11, { names: [`libpod-${id}.scope`] })
  assert.equal(of(11), shown)
})

it('evicts unused groups when there are many', () => {
  const containers = new Containers(undefined, 100)
  const of = (cgroup: number) => containers.of(member(cgroup)).docker
  containers.add(0, { names: [id] })
  containers.add(1, { names: [id] })
  for (let group = 2; group < 1000; group++) {
    containers.add(group, { names: [id] })
    assert.equal(of(1), shown)
  }
  assert.equal(of(0), '')
  assert.equal(
    containers.of(member(0), { docker: shown, pod: undefined, container: undefined }).docker,
    shown,
  )
  assert.equal(of(999), shown)
})
