import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { RunningAgent, repeats } from '../testing/index.ts'
import { groupsMount } from './testing/groups-mount.ts'

const id = randomBytes(32).toString('hex')
const inner = randomBytes(32).toString('hex')
const shown = id.slice(0, 31)

const mount = groupsMount()

describe('control groups below that of a container', { skip: !mount && 'no cgroup mount' }, () => {
  const top = `tetragon-test-${process.pid}`
  const made: string[] = []
  let agent: RunningAgent
  before(async () => {
    agent = await RunningAgent.start()
  })
  after(async () => {
    await agent.remove()
    for (const folder of made.reverse()) rmdirSync(folder)
  })

  function make(path: string): string {
    let folder = mount ?? ''
    for (const name of [top, ...path.split('/')]) {
      folder = join(folder, name)
      try {
        mkdirSync(folder)
        made.push(folder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    return folder
  }

  /**
   * Runs this number of processes in a group, one after the other, and returns their containers.
   */
  async function containersOf(path: string, count: number): Promise<(string | undefined)[]> {
    const mark = `in-${path.length}-${randomBytes(4).toString('hex')}`
    const script = `
      echo $$ > ${make(path)}/cgroup.procs
      i=0; while [ $i -lt ${count} ]; do /bin/true ${mark}; (exit 3); i=$((i + 1)); done
      exit 0`
    const { pid } = spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' })
    const all = await agent.events()
    const programs = all.filter((event) => event.process.arguments === mark)
    const forks = all.filter((event) => event.parent?.pid === pid && event.status === 3)
    assert.equal(programs.length, 2 * count)
    assert.equal(forks.length, count)
    return [...new Set([...programs, ...forks].map((event) => event.process.docker))]
  }

  for (const path of [
    `libpod-${id}.scope/container`,
    `docker-${id}.scope/system.slice/some.service`,
    `kubepods-besteffort.slice/kubepods-besteffort-pod1a2b3c4d_1111_2222_3333_444444444444.slice/cri-containerd-${id}.scope`,
    `crio-${id}/nested`,
  ]) {
    it(`have its id: ${path.replace(id, 'ID')}`, async () => {
      assert.deepEqual(await containersOf(path, repeats(100, 5)), [shown])
    })
  }

  it('have the id of the innermost container', async () => {
    const path = `docker-${inner}.scope/docker/${id}/init.scope`
    assert.deepEqual(await containersOf(path, 1), [shown])
  })

  it('have it at any depth and with any name', async () => {
    const long = Array.from({ length: 10 }, (_, i) => 'x'.repeat(70 + i))
    const path = [`docker-${id}.scope`, ...long, ...Array.from({ length: 40 }, () => 'd')]
    assert.deepEqual(await containersOf(path.join('/'), 1), [shown])
  })

  it('have none in the group of its monitor', async () => {
    assert.deepEqual(await containersOf(`libpod-conmon-${id}.scope`, 1), [undefined])
    const within = `docker-${id}.scope/libpod-conmon-${inner}.scope`
    assert.deepEqual(await containersOf(within, 1), [shown])
  })

  it('have it in groups with one process each', async () => {
    const path = `docker-${id}.scope/system.slice/some.service`
    const folder = make(path)
    const count = repeats(200, 10)
    const script = `
      i=0; while [ $i -lt ${count} ]; do
        mkdir ${folder}/g; (echo 0 > ${folder}/g/cgroup.procs; exec /bin/true many); rmdir ${folder}/g
        i=$((i + 1))
      done`
    assert.equal(spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' }).status, 0)
    const all = (await agent.events()).filter((event) => event.process.arguments === 'many')
    assert.equal(all.length, 2 * count)
    assert.deepEqual([...new Set(all.map((event) => event.process.docker))], [shown])
  })
})
