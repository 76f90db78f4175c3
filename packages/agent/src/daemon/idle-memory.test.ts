import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { IdleMemory } from './idle-memory.ts'

it('memory is freed once policies have not changed for a while', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let freed = 0
    const memory = new IdleMemory(() => freed++)
    memory.later()
    mock.timers.tick(4000)
    memory.later()
    mock.timers.tick(4000)
    assert.equal(freed, 0)
    mock.timers.tick(60_000)
    assert.equal(freed, 1)
    memory.later()
    memory.close()
    memory.later()
    mock.timers.tick(60_000)
    assert.equal(freed, 1)
  } finally {
    mock.timers.reset()
  }
})
