import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AdmissionRequest, ReviewTooLarge } from './admission.ts'
import { ruleHandler } from './review-rules.ts'

const good = `title: Shell
logsource: { product: linux, category: process_creation }
detection:
  shell:
    Image: /bin/sh
  condition: shell
`
const misspelt = good.replace('Image', 'Imge')

const review = async (rules: unknown, changes: Partial<AdmissionRequest> = {}) =>
  ruleHandler.review({
    uid: 'u',
    operation: 'CREATE',
    kind: 'DetectionRule',
    resource: 'detectionrules',
    subResource: '',
    namespace: '',
    name: 'a',
    oldObject: {},
    user: { name: 'me', groups: [], extra: {} },
    object: { metadata: { name: 'a' }, spec: { rules } },
    ...changes,
  })

describe('the review of detection rules', () => {
  it('admits rules, and filters for rules of other objects', async () => {
    assert.deepEqual(await review(good), { allowed: true, warnings: [] })
    const filter = `title: Ours
logsource: { product: linux, category: process_creation }
filter: { rules: [Elsewhere], s: { Image: /srv/x }, condition: not s }
`
    assert.equal((await review(filter)).allowed, true)
  })

  it('refuses errors with their positions and near names', async () => {
    const { allowed, message = '' } = await review(`${good}---\n${misspelt}`)
    assert.equal(allowed, false)
    assert.match(message, /^spec\.rules:12:5: error: .*did you mean "Image"\?.* \[RULE_\w+\]$/)
    for (const other of ['', '---', 5, undefined]) {
      assert.equal((await review(other)).allowed, false, JSON.stringify(other))
    }
  })

  it('admits an object that stays as it was, or is being deleted', async () => {
    const spec = { rules: misspelt }
    assert.equal((await review(misspelt, { oldObject: { spec } })).allowed, true)
    const metadata = { name: 'a', deletionTimestamp: 'now' }
    assert.equal((await review(misspelt, { object: { metadata, spec } })).allowed, true)
  })

  it('has no control characters in its messages', async () => {
    const hostile = good.replace('Image: /bin/sh', '"\\e[31mImage": x')
    const { allowed, message = '' } = await review(hostile.replace('Shell', '"\\e[2J"'))
    assert.equal(allowed, false)
    assert.doesNotMatch(message, /[^\x20-\x7e\n]/)
  })

  it('leaves large ones to agents', async () => {
    await assert.rejects(review('#'.repeat((1 << 16) + 1)), ReviewTooLarge)
    assert.match(ruleHandler.unreviewed('x').warnings?.join() ?? '', /not validated: x; agents/)
  })
})
