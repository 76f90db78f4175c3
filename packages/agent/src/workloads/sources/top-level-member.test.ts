import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TopLevelMember } from './top-level-member.ts'

const limit = 1000

/** The member found in a text that is read in pieces of this length. */
function find(text: string, piece = text.length || 1): TopLevelMember {
  const member = new TopLevelMember('annotations', limit)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += piece) member.add(bytes.subarray(at, at + piece))
  return member
}

describe('a member of the outermost object', () => {
  it('is found in any document, regardless of how it is divided', () => {
    const key = fc.oneof(
      fc.constantFrom('annotations', 'annotation', 'annotationsx', '', '"', '\\', 'annotations":'),
      fc.string(),
    )
    const document = fc.dictionary(key, fc.jsonValue(), { maxKeys: 6 })
    fc.assert(
      fc.property(document, fc.integer({ min: 1, max: 50 }), fc.boolean(), (all, piece, wide) => {
        const text = JSON.stringify(all, undefined, wide ? 1 : 0)
        const { text: found } = find(text, piece)
        const expected = JSON.parse(text).annotations
        if (Object.hasOwn(all, 'annotations') && JSON.stringify(expected).length < limit / 4) {
          assert.deepEqual(JSON.parse(found ?? ''), expected)
        } else if (!Object.hasOwn(all, 'annotations')) assert.equal(found, undefined)
      }),
    )
  })

  it('is not found in values or strings', () => {
    for (const text of [
      '{"process":{"annotations":{"a":"b"}}}',
      '{"args":["annotations",{"annotations":1}]}',
      '{"a":"\\",\\"annotations\\":{}"}',
      '{"a":"annotations"}',
      '{"a\\nannotations":1,"annotations\\n":2,"xannotations":3}',
      '"annotations"',
      '',
    ]) {
      assert.equal(find(text).text, undefined, text)
    }
  })

  it('is not found in truncated documents', () => {
    const text = '{"a":[1,2],"annotations":{"b":{"c":"}"}}'
    for (let end = 0; end < text.length; end++) {
      assert.equal(find(text.slice(0, end)).text, undefined)
    }
    assert.equal(find(`${text}}`).text, '{"b":{"c":"}"}}')
  })

  it('is limited in length', () => {
    const member = find(`{"annotations":{"a":"${'x'.repeat(2 * limit)}"}}`, 7)
    assert.equal(member.text, undefined)
    assert.equal(member.isTooLong, true)
    assert.equal(member.isDone, true)
  })

  it('is not found in other content, without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        new TopLevelMember('annotations', limit).add(Buffer.from(bytes))
      }),
    )
  })
})
