import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, realpathSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { Mappings } from './mappings.ts'
import type { ProcessImage } from './process-mappings.ts'
import { imageOf } from './testing/image-of.ts'
import { UserFrames } from './user-frames.ts'

/** Maximum number of attempts that wait for another process or thread. */
const roundsMax = 10_000

describe('user frames', () => {
  it('have the module, the offset and the symbol', async () => {
    const frames = new UserFrames('/proc')
    const child = spawn('/bin/bash', ['-c', 'read'])
    await once(child, 'spawn')
    try {
      const pid = child.pid ?? 0
      const { address, offset, name } = await functionOf(pid, realpathSync('/bin/bash'))
      for (let round = 0; ; round++) {
        assert.ok(round < roundsMax, 'the symbol is not found')
        const [frame, unmapped] = frames.find(imageOf(pid), [address + 4, 4])
        assert.equal(unmapped, undefined)
        // Reading mappings and symbols may take longer than the first frames wait.
        if (frame !== undefined && frame.symbol !== '') {
          assert.equal(frame.module, realpathSync('/bin/bash'))
          assert.equal(frame.offset, offset + 4)
          assert.equal(frame.symbol, name)
          assert.equal(frame.symbolOffset, 4)
          return
        }
        await sleep(10)
      }
    } finally {
      child.kill()
    }
  })

  it('are those of the last mappings after the process has ended', async () => {
    const frames = new UserFrames('/proc')
    const child = spawn('/bin/sleep', ['1000'])
    await once(child, 'spawn')
    const pid = child.pid ?? 0
    const image = imageOf(pid)
    const address = codeOf(pid, '')
    const before = await firstFrame(frames, image, address)
    child.kill()
    await once(child, 'exit')
    const [after, unknown] = frames.find(image, [address, 4])
    assert.equal(after?.module, before.module)
    assert.equal(after?.offset, before.offset)
    assert.equal(unknown, undefined)
    // Another image, and another process that had the pid.
    assert.deepEqual(frames.find({ ...image, execs: 2 }, [address]), [undefined])
    const reused = imageOf(process.pid)
    assert.deepEqual(frames.find({ ...reused, start: 1e9 }, [address]), [undefined])
  })
})

/** The frame of an address. Reading mappings may take longer than the first frames wait. */
async function firstFrame(frames: UserFrames, image: ProcessImage, address: number) {
  for (let round = 0; ; round++) {
    assert.ok(round < roundsMax, 'the mapping is not found')
    const [frame] = frames.find(image, [address])
    if (frame !== undefined) return frame
    await sleep(10)
  }
}

/** An address in code of a file. */
function codeOf(pid: number, file: string): number {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1')
  const line = maps.split('\n').find((each) => / r-xp .*\//.test(each) && each.endsWith(file)) ?? ''
  const address = Number.parseInt(line, 16) + 64
  assert.ok(new Mappings(maps).find(address))
  return address
}

/** A function of a program that a process executes. */
async function functionOf(pid: number, path: string) {
  using elf = ElfFile.open(path)
  const [{ address, name }] = elf.symbols.functions().filter(({ size }) => size > 8)
  const offset = elf.offsetOf(address) ?? 0
  for (let round = 0; ; round++) {
    assert.ok(round < roundsMax, 'the program is not mapped')
    const maps = readFileSync(`/proc/${pid}/maps`, 'latin1')
    for (const line of maps.split('\n').filter((each) => each.endsWith(` ${path}`))) {
      const fields = /^(\w+)-(\w+) \S+ (\w+)/.exec(line)?.slice(1) ?? []
      const [start, end, from] = fields.map((hex) => Number.parseInt(hex, 16))
      const found = start + offset - from
      if (offset >= from && found < end) return { address: found, offset, name }
    }
    await sleep(1)
  }
}
