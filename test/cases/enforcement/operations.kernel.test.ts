import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { attemptsOf, guestKernel, isFull, isMain, partHere } from '@tetragon-ts/agent/testing'
import { Attacked, type Attempting, policy, refuse, type Tally } from './attack.ts'
import { type Forbidden, forbidden } from './operations.ts'
import { checkResults, type Results, type Verdict } from './results.ts'
import { forbid, leftToHost, type Way, type WayName, ways, whyNot } from './ways.ts'

/** Attempts of each operation by each means. */
const count = attemptsOf({ host: 40, main: 4, part: 3 })
/** The same without a policy. */
const controls = attemptsOf({ host: 10, main: 3, part: 3 })
/** Signals at system calls are the same on all kernels: they are tried on the host. */
const wayNames = (Object.keys(ways) as WayName[]).filter(
  (name) => guestKernel === undefined || name !== 'signal at the call',
)

/**
 * Whether a way is tried at an operation. The host tries all. The main kernel tries LSM programs at
 * all. Otherwise each kernel tries each way at every third: another one on each kernel.
 */
function isTried(title: string, name: WayName): boolean {
  if (whyNot(ways[name]) === leftToHost) return false
  if (isFull || (name === 'lsm' && isMain)) return true
  const place = forbidden.findIndex((each) => each.title === title)
  return (place + wayNames.indexOf(name)) % 3 === partHere(3)
}

/** A policy without any hits. */
const keepsSet = (program: string) =>
  policy(
    'keeps-set',
    `kprobes:
- call: sys_sethostname
  syscall: true
  selectors: [{matchBinaries: [{operator: In, values: ["${program}"]}]}]`,
  )

describe('operations that policies forbid', () => {
  let attacked: Attacked
  /** A copy of the attacking program, which the policies select. */
  let program: string
  /** Operations that this kernel allows without a policy. */
  const possible: Forbidden[] = []
  const results: Results = {}
  before(async () => {
    attacked = await Attacked.start()
    program = attacked.copy('attacker')
    // Policies with the same matchBinaries share a set of processes, which takes longer to make
    // than the rest of such a policy.
    await attacked.run.load(keepsSet(program))
  })
  after(() => attacked?.run.stop())

  /** @param by a process only survives what is refused */
  async function attempt({ operation }: Forbidden, by: Attempting, count: number): Promise<Tally> {
    // The kernel chooses the port.
    const target = operation === 'bind4' ? '0' : undefined
    return (await attacked.attack(operation, by, target, { program, count })).tally
  }

  it('succeed without a policy', async (t) => {
    for (const operation of forbidden) {
      const tally = await attempt(operation, 'child', controls)
      if (tally.effects === 0) {
        t.diagnostic(`${operation.title}: not possible here: ${JSON.stringify(tally)}`)
        continue
      }
      const all = { attempts: controls, effects: controls, killed: 0, refused: {} }
      assert.deepEqual(tally, all)
      possible.push(operation)
      results[operation.title] = {}
    }
  })

  for (const name of wayNames) {
    it(`are forbidden by ${name}`, async (t) => {
      const way: Way = ways[name]
      const lacking = whyNot(way)
      if (lacking !== undefined) return t.skip(lacking)
      for (const operation of possible) {
        if (way.hook(operation) === undefined || !isTried(operation.title, name)) continue
        const target = operation.operation === 'exec' ? attacked.program : attacked.file
        const text = forbid(way, operation, program, target)
        try {
          await attacked.under(text, async () => {
            const by = way.action === refuse ? 'process' : 'child'
            const tally = await attempt(operation, by, count)
            results[operation.title][name] = verdictOf(tally, operation)
          })
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error
          t.diagnostic(`${operation.title}: ${error.message}`)
        }
      }
    })
  }

  it('are forbidden as the documents say', () => checkResults(results, wayNames, isTried))
})

function verdictOf(tally: Tally, { title, signalIs }: Forbidden): Verdict {
  const { effects, killed, refused } = tally
  const shown = `${title}: ${JSON.stringify(tally)}`
  if (killed === 0) {
    assert.deepEqual([effects, refused], [0, { 1: count }], shown)
    return 'prevented'
  }
  assert.equal(killed, count, shown)
  // After the signal the kernel gives some operations up where they would wait or allocate.
  const isPossible = signalIs === 'either' || (signalIs === 'too late') === effects > 0
  assert.ok(isPossible, shown)
  return effects === 0 ? 'killed before' : 'killed after'
}
