import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Btf, BtfBuilder } from '../btf/index.ts'
import { runSteps } from '../steps/index.ts'
import { type Code, type Hook, program } from './index.ts'

const nowhere: Hook<[]> = {
  kind: 'none',
  target: 'nowhere',
  resolve: () => ({ programType: 0 }),
  arguments: () => [],
  attachment: { at: 'demand' },
}
const target = { btf: Btf.parse(new BtfBuilder().bytes()), bpfLoop: false }

test('a body in steps gives the code of one without', () => {
  const at = { file: 'policy.yaml', line: 7, column: 1 }
  const plain = program('plain', nowhere, (k) => {
    const sum = k.variable(1)
    k.at(at, () => {
      k.when(
        sum.eq(1),
        () => sum.set(2),
        () => k.when(sum.eq(2), k.exit, () => sum.set(3)),
      )
    })
  })
  const inSteps = program('steps', nowhere, function* (k) {
    const sum = k.variable(1)
    yield
    yield* k.atInSteps(at, function* () {
      yield* k.whenInSteps(
        sum.eq(1),
        () => sum.set(2),
        function* () {
          yield
          yield* k.whenInSteps(sum.eq(2), k.exit, function* () {
            yield
            sum.set(3)
          })
        },
      )
    })
  })
  const [one, other] = [plain, inSteps].map((each) => runSteps(each.build(target, false)))
  assert.deepEqual(other, one)
  assert.ok(one.ops.some(({ position }) => position?.line === 7))
})

test('a body may return something that is not wanted', () => {
  const body: (k: Code) => void = (k) => k.constant(1)
  const returns = program('returns', nowhere, body)
  assert.equal(runSteps(returns.build(target, false)).ops.at(-1)?.op, 'exit')
})
