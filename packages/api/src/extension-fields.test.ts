import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { extensionFields, isExtensionNumber } from './extension-fields.ts'
import type { MessageType } from './message.ts'
import { AddTracingPolicyRequest } from './messages/policies.ts'
import { agentFiles } from './proto/files.ts'
import { arbitraryMessage } from './testing/arbitrary-message.ts'
import { originalMessage } from './testing/original-message.ts'
import { codecOf } from './wire/codec.ts'

const messages = agentFiles
  .filter((file) => file.package === 'tetragon')
  .flatMap((file) => file.types)
  .filter((type): type is MessageType => type.kind === 'message')

describe('fields that we add to messages of the original', () => {
  it('are exactly those of the table, with their names and numbers', () => {
    const declared = messages.flatMap(({ name, fields }) =>
      Object.entries(fields)
        .filter(([, { number }]) => isExtensionNumber(number))
        .map(([field, { number }]) => [`${name}.${field}`, number]),
    )
    const table = Object.entries(extensionFields).map(([name, { number }]) => [name, number])
    assert.deepEqual(declared.toSorted(), table.toSorted())
  })

  it('have unique numbers within a message', () => {
    const used = Object.entries(extensionFields).map(
      ([name, { number }]) => `${name.slice(0, name.lastIndexOf('.'))} ${number}`,
    )
    assert.equal(new Set(used).size, used.length)
  })

  it('are skipped by a decoder that does not know them', () => {
    for (const type of messages) {
      const original = originalMessage(type)
      const [ours, theirs] = [codecOf(type), codecOf(original)]
      fc.assert(
        fc.property(arbitraryMessage(type, 3), (value) => {
          const decoded = theirs.decode(ours.encode(value))
          const isOwn = (name: string) => !(name in original.fields)
          const rest = Object.entries(value).filter(([name]) => !isOwn(name))
          assert.deepEqual(Object.keys(decoded).toSorted(), rest.map(([name]) => name).toSorted())
        }),
        { numRuns: 10 },
      )
    }
    const request = codecOf(AddTracingPolicyRequest).encode({ yaml: 'a', replace: true })
    const decoded = codecOf(originalMessage(AddTracingPolicyRequest)).decode(request)
    assert.deepEqual(decoded, { yaml: 'a' })
  })
})
