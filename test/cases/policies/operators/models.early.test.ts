import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answersToTest } from '@tetragon-ts/compiler/testing'
import fc from 'fast-check'
import { operatorModels } from './index.ts'
import type { OperatorModel, Subject } from './operator-model.ts'

// Every operator with random values, in the kernel and in its model.

const subjects = new Map<Subject, OperatorModel[]>()
for (const model of Object.values(operatorModels)) {
  subjects.set(model.subject, [...(subjects.get(model.subject) ?? []), model])
}

for (const [{ name, runs, hasLoops }, models] of subjects) {
  test(`operators on ${name} equal their model`, () => {
    const trials = fc.oneof(...models.map((model) => model.trials))
    fc.assert(
      fc.property(trials, ({ test: given, operands, inputs, expected }) => {
        for (const loops of hasLoops ? ([undefined, 'written out'] as const) : [undefined]) {
          assert.deepEqual(answersToTest(given, operands, inputs, loops), expected, given.operator)
        }
      }),
      { numRuns: runs },
    )
  })
}
