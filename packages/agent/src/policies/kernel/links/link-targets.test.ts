import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import type { Followed } from './follow-links.ts'
import { LinkTargets } from './link-targets.ts'

function policyOf(values: readonly string[], more = 'resolveLinks: true') {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: linked}
spec:
  kprobes:
  - call: sys_lseek
    selectors:
    - matchParentBinaries: [{operator: In, values: ${JSON.stringify(values)}, ${more}}]
`
  return readPolicies(text, 'linked.yaml').documents[0]
}

/** Links that a test changes. */
class Links {
  readonly places = new Map<string, Followed>()
  readonly warnings: string[] = []
  asked = 0
  rests = 0
  readonly targets = new LinkTargets(this, (message) => this.warnings.push(message))

  async follow(path: string): Promise<Followed> {
    this.asked++
    return this.places.get(path) ?? { problem: `${path} does not exist` }
  }

  rest(): void {
    this.rests++
  }

  async resolved(values: readonly string[]) {
    const document = await this.targets.resolve(policyOf(values))
    const [{ selectors }] = document.policy.hooks
    return { document, targets: selectors[0].parentBinaries[0].targets }
  }
}

test('a policy is loaded with the targets of its links, and again when these change', async () => {
  const links = new Links()
  links.places.set('/bin/vi', { target: '/bin/vim' })
  const { document, targets } = await links.resolved(['/bin/vi', '/bin/late'])
  assert.deepEqual(targets, [
    { value: '/bin/vi', target: '/bin/vim' },
    { value: '/bin/late', problem: '/bin/late does not exist' },
  ])
  const late = '/bin/late (/bin/late does not exist)'
  assert.deepEqual(links.warnings, [`policy linked: not resolved: ${late}; it is tried again`])
  assert.equal(links.targets.problemsOf(['/bin/vi', '/bin/late']), late)
  let changes = 0
  links.targets.watch(document, document, () => changes++)
  await links.targets.check()
  assert.equal(changes, 0)
  links.places.set('/bin/vi', { target: '/bin/nvim' })
  await links.targets.check()
  assert.equal(changes, 1)
  // Its successor has the new target.
  const successor = await links.targets.resolve(document)
  links.targets.watch(successor, successor, () => (changes += 10))
  links.targets.forget(document)
  await links.targets.check()
  assert.equal(changes, 1)
  links.places.set('/bin/late', { target: '/bin/there' })
  await links.targets.check()
  assert.equal(changes, 11)
  assert.equal(links.targets.problemsOf(['/bin/vi', '/bin/late']), '')
  assert.equal(links.rests, 0)
  links.targets.forget(successor)
  assert.equal(links.rests, 1)
})

test('a link that cannot be resolved any more keeps its target', async () => {
  const links = new Links()
  links.places.set('/bin/vi', { target: '/bin/vim' })
  const { document } = await links.resolved(['/bin/vi'])
  links.targets.watch(document, document, () => assert.fail('it is loaded again'))
  links.places.delete('/bin/vi')
  await links.targets.check()
  assert.equal(links.targets.problemsOf(['/bin/vi']), '/bin/vi (/bin/vi does not exist)')
  const { targets } = await links.resolved(['/bin/vi'])
  assert.deepEqual(targets, [
    { value: '/bin/vi', target: '/bin/vim', problem: '/bin/vi does not exist' },
  ])
  links.targets.forget(document)
})

test('what was resolved for a policy that was not loaded is dropped', async () => {
  const links = new Links()
  const { document } = await links.resolved(['/bin/none'])
  assert.notEqual(links.targets.problemsOf(['/bin/none']), '')
  links.targets.forget(document)
  assert.equal(links.targets.problemsOf(['/bin/none']), '')
  assert.equal(links.rests, 1)
})

test('without resolveLinks nothing is asked', async () => {
  const links = new Links()
  const document = policyOf(['/bin/vi'], 'followChildren: true')
  assert.equal(await links.targets.resolve(document), document)
  links.targets.watch(document, document, () => assert.fail('it is loaded again'))
  assert.equal(links.asked, 0)
})

test('of 10,000 values each is asked once, and a message lists few', async () => {
  const links = new Links()
  const values = Array.from({ length: 10_000 }, (_, i) => `/bin/${i}`)
  await links.resolved([...values, ...values])
  assert.equal(links.asked, 10_000)
  assert.match(links.warnings[0], /\/bin\/2 \(.*\), 9997 more; it is tried again$/)
})
