import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { btf, many, outer, toOuter, toVoid, u32 } from '../testing/nested-structures.ts'
import { findMembers } from './member-path.ts'

/** Steps as offset and whether a pointer is dereferenced; or the error. */
function find(...steps: (string | number)[]) {
  const found = findMembers(btf, toOuter, steps)
  if ('message' in found) return found.message
  return found.steps.map(({ offset, throughPointer }) => `${throughPointer ? '->' : '.'}${offset}`)
}

describe('following members', () => {
  it('finds members of structures, anonymous unions and arrays', () => {
    assert.deepEqual(find('first'), ['.0'])
    assert.deepEqual(find('word'), ['.8'])
    assert.deepEqual(find('many', 2, 'a'), ['.16', '.16', '.0'])
    assert.deepEqual(find('name', 3), ['.48', '.3'])
  })

  it('follows pointers, also to several elements', () => {
    assert.deepEqual(find('in', 'a'), ['.8', '->0'])
    assert.deepEqual(find('table', 5, 'a'), ['.40', '->40', '->0'])
  })

  it('counts elements from the address of the argument', () => {
    assert.deepEqual(find(0, 'first'), ['.0', '.0'])
    assert.deepEqual(find(3, 'word'), ['.168', '.8'])
    const wrong = findMembers(btf, toVoid, [1])
    assert.ok('message' in wrong)
    assert.match(wrong.message, /has no elements: \[1\] cannot be followed/)
  })

  it('knows the position of a bit field', () => {
    const found = findMembers(btf, outer, ['in', 'high'])
    assert.ok(!('message' in found))
    assert.deepEqual(found.steps[1].bits, { shift: 4, width: 12 })
    assert.equal(found.steps[1].offset, 4)
  })

  it('says what is wrong', () => {
    assert.equal(find('fist'), 'struct outer has no member fist')
    assert.equal(find('many', 3), '[3] is beyond the 3 elements of struct inner [3]')
    assert.match(String(find('first', 'a')), /has no members: a cannot be followed/)
    assert.match(String(find('first', 0)), /has no elements: \[0\] cannot be followed/)
    const wrong = findMembers(btf, outer, ['b'])
    assert.ok('message' in wrong)
    assert.deepEqual(wrong.allowed, ['first', 'in', 'word', 'many', 'table', 'name'])
  })

  it('returns a location or a message for any steps', () => {
    const step = fc.oneof(
      fc.constantFrom('first', 'in', 'word', 'many', 'table', 'name', 'a', 'low', 'x', ''),
      fc.nat(10),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(outer, toOuter, u32, toVoid, many),
        fc.array(step),
        (id, steps) => {
          const found = findMembers(btf, id, steps)
          assert.ok('message' in found || found.steps.length === steps.length)
        },
      ),
    )
  })
})
