import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { hashMap } from '@tetragon-ts/ebpf/maps'
import { createMap, type OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { record, u32 } from '@tetragon-ts/ebpf/records'
import { FollowedFilesUpkeep } from './followed-files-upkeep.ts'

const key = record('key', { policy: u32, pid: u32, fd: u32 })

describe('descriptors that are followed', () => {
  let followed: OpenMap<{ policy: number; pid: number; fd: number }, number>
  let processes: OpenMap<number, number>
  let upkeep: FollowedFilesUpkeep
  before(() => {
    followed = createMap(hashMap('followed', { key, value: u32, maxEntries: 2048 }))
    processes = createMap(hashMap('processes', { key: u32, value: u32, maxEntries: 16 }))
    upkeep = new FollowedFilesUpkeep(() => [followed], processes, assert.fail)
    processes.update(10, 0)
    processes.update(20, 0)
    for (const policy of [1, 2]) {
      for (const pid of [10, 20, 30]) {
        for (let fd = 0; fd < 100; fd++) followed.update({ policy, pid, fd }, fd)
      }
    }
  })
  after(() => {
    upkeep[Symbol.dispose]()
    followed[Symbol.dispose]()
    processes[Symbol.dispose]()
  })

  const left = () => {
    const keys = [...followed.keys()]
    return [keys.length, new Set(keys.map(({ policy, pid }) => `${policy} ${pid}`))] as const
  }

  it('are removed when their process has ended', () => {
    upkeep.forgetEnded()
    assert.deepEqual(left(), [400, new Set(['1 10', '1 20', '2 10', '2 20'])])
  })

  it('are removed with their policy', () => {
    upkeep.forgetPolicy(1)
    assert.deepEqual(left(), [200, new Set(['2 10', '2 20'])])
  })
})
