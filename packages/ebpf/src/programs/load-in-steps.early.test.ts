import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, assemble, exit, type Item, load, mov, programType, r0, r1 } from '../asm/index.ts'
import type { Steps } from '../steps/index.ts'
import { SystemCallError } from '../sys/index.ts'
import { loadProgramInSteps, VerifierError } from './index.ts'

const rawTracepoint = (name: string, items: Item[]) => ({
  type: programType.rawTracepoint,
  name,
  code: assemble(items).bytes,
})

/** Runs steps. @returns the result, and the number of free turns of the event loop until then */
async function drive<Result>(steps: Steps<Result>): Promise<{ result: Result; turns: number }> {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  try {
    let step = steps.next()
    while (!step.done) {
      step = await Promise.resolve(step.value).then(
        (value) => steps.next(value),
        (error) => steps.throw(error),
      )
    }
    return { result: step.value, turns }
  } finally {
    isOver = true
  }
}

test('the verifier runs on another thread', async () => {
  // Its time is proportional to the number of instructions.
  const long = [mov(r0, 1), ...Array.from({ length: 200_000 }, () => add(r0, 1)), exit()]
  const { result, turns } = await drive(loadProgramInSteps(rawTracepoint('long', long)))
  using program = result
  assert.equal(program.info().name, 'long')
  assert.ok(turns > 1, `${turns}`)
})

test('an error of the other thread has its number and the log', async () => {
  const wild = loadProgramInSteps(rawTracepoint('wild', [mov(r1, 5), load(8, r0, r1, 0), exit()]))
  await assert.rejects(drive(wild), (error: Error) => {
    assert.ok(error instanceof VerifierError, error.message)
    assert.equal(error.errno, 'EACCES')
    assert.match(error.reason, /R1 invalid mem access/)
    return true
  })
  const unknown = { ...rawTracepoint('unknown', [mov(r0, 0), exit()]), type: 9999 }
  await assert.rejects(drive(loadProgramInSteps(unknown)), (error: Error) => {
    assert.ok(error instanceof SystemCallError, error.message)
    assert.equal(error.errno, 'EINVAL')
    return true
  })
})
