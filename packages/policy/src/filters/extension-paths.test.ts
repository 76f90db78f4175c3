import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, eventKinds, extensionFields } from '@tetragon-ts/api'
import { arbitraryMessage, originalMessage } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { extensionPaths } from './extension-paths.ts'
import { chooseFields, keepChosen } from './field-choice.ts'

test('without our fields, every event is one of the original', () => {
  for (const { key, message } of eventKinds) {
    const paths = extensionPaths(message)
    const choice = chooseFields(paths === undefined ? [] : [paths])
    const [codec, original] = [codecOf(message), codecOf(originalMessage(message))]
    fc.assert(
      fc.property(arbitraryMessage(message, 4), (event) => {
        const shown = codec.decode(codec.encode(keepChosen(event, choice) as object))
        assert.deepEqual(shown, original.decode(codec.encode(event)), key)
      }),
      { numRuns: 20 },
    )
  }
})

test('the fields of the hook events are found where they are', () => {
  const found = new Set<string>()
  const visit = (tree: NonNullable<ReturnType<typeof extensionPaths>>['tree']): void => {
    for (const [name, inner] of tree) {
      if (inner === null) found.add(name)
      else visit(inner)
    }
  }
  for (const { message } of eventKinds) {
    const paths = extensionPaths(message)
    if (paths !== undefined) visit(paths.tree)
  }
  const others =
    /^(AddTracingPolicyRequest|ListTracingPoliciesRequest|TracingPolicyStatus|TracingPolicyStats|Filter|GetEventsRequest|GetEventsResponse)\./
  const inEvents = Object.keys(extensionFields).filter((name) => !others.test(name))
  assert.deepEqual(found, new Set(inEvents.map((name) => name.slice(name.indexOf('.') + 1))))
})
