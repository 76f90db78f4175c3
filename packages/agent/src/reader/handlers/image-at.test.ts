import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Process } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { imageAt } from './image-at.ts'

function image(pid: number, start: number, ktime: number, parent?: Process): Process {
  return { pid, start, ktime, parent, execId: `${pid} ${ktime}`, references: 1 } as Process
}

/** A process that started at 100 and executed programs that were reported at 200 and 300. */
function cacheOfImages(): ProcessCache {
  const cache = new ProcessCache()
  cache.keepsImages = true
  const shell = image(5, 10, 10)
  cache.add(shell)
  const first = image(7, 100, 200, shell)
  cache.add(first)
  cache.add(image(7, 100, 300, first))
  return cache
}

/** Start of the image, `later` or undefined. */
function at(cache: ProcessCache, time: number, execStart?: number, lostAt = 0) {
  const found = imageAt(cache, { pid: 7, time, execStart }, lostAt)
  return found === undefined || found === 'later' ? found : found.process.ktime
}

test('what is mapped during an execve belongs to the new image', () => {
  for (const cache of [cacheOfImages(), ended()]) {
    assert.equal(at(cache, 195, 190), 200)
    assert.equal(at(cache, 250, 190), 200)
    assert.equal(at(cache, 295, 290), 300)
    assert.equal(at(cache, 500, 290), 300)
  }
})

test('without the start of an execve it belongs to the latest image', () => {
  assert.equal(at(cacheOfImages(), 250), 200)
  assert.equal(at(cacheOfImages(), 300), 300)
  // The image of the fork is not kept.
  assert.equal(at(cacheOfImages(), 150), undefined)
})

test('an execve whose record is missing may be reported later, but not after the exit', () => {
  assert.equal(at(cacheOfImages(), 405, 400), 'later')
  assert.equal(at(ended(), 405, 400), undefined)
})

test('another process with the pid is not taken for it', () => {
  const cache = ended()
  cache.add(image(7, 1000, 1000, cache.get(5)))
  assert.equal(at(cache, 250, 190), 200)
  assert.equal(at(cache, 50), undefined)
  assert.equal(at(cache, 1100, 290), 1000)
})

test('earlier images are uncertain after a loss', () => {
  assert.equal(at(cacheOfImages(), 250, undefined, 260), undefined)
  assert.equal(at(cacheOfImages(), 250, 190, 260), undefined)
  assert.equal(at(cacheOfImages(), 350, undefined, 360), 300)
})

test('the parent is the one of that image', () => {
  const found = imageAt(ended(), { pid: 7, time: 250, execStart: 190 }, 0)
  assert.ok(found !== undefined && found !== 'later')
  assert.equal(found.parent?.pid, 5)
  const last = imageAt(ended(), { pid: 7, time: 350, execStart: 290 }, 0)
  assert.ok(last !== undefined && last !== 'later')
  assert.equal(last.parent?.ktime, 200)
  assert.deepEqual(
    last.ancestors.map(({ pid }) => pid),
    [5],
  )
})

function ended(): ProcessCache {
  const cache = cacheOfImages()
  cache.remove(cache.get(7) as Process)
  return cache
}
