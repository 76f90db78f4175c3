import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { DryRun } from '@tetragon-ts/policy'
import { parse, stringify } from 'yaml'
import { decidedFilterCases } from './hooks/process-filters.ts'
import { matcherCases } from './matchers/index.ts'
import { operatorCases } from './operators/index.ts'
import { type CaseVariables, caseTitle, type PolicyCase } from './policy-case.ts'
import { countExecs, postedExecs, wouldPost } from './posted-execs.ts'
import { lacks, unhookable } from './requirements.ts'
import { eventsOf, finish, policyText, start, variablesOf } from './run-case.ts'

/** Cases that events cannot decide. */
const undecidable = new RegExp(
  [
    ...['CapabilitiesGained', 'matchNamespaceChanges', 'matchCapabilityChanges'],
    ...['isNamespacePID', 'followChildren', 'followForks', 'of a script'],
    ...['2 MB before', 'unknown arguments'],
  ].join('|'),
)
/** Events have these as they were when the program started; the cases change them. */
const atStart = /matchNamespaces|matchCapabilities/

/**
 * A policy that posts every call of the case's processes at the same hooks: of all that this one
 * starts, since the machine may run other shells.
 */
function watching(text: string): string {
  const values = [process.pid]
  const all = {
    matchPIDs: [
      { operator: 'In', values, followForks: true },
      { operator: 'NotIn', values },
    ],
  }
  const document = parse(text, { version: '1.1' })
  document.metadata.name = 'watch'
  for (const section of ['kprobes', 'tracepoints', 'lsmhooks', 'fentries', 'uprobes', 'usdts']) {
    for (const hook of document.spec[section] ?? []) hook.selectors = [all]
  }
  return stringify(document, { version: '1.1' })
}

// The kernel is the model: what it posts of all calls, a dry run finds in a record of all calls.
describe('a dry run on all calls', () => {
  let run: PolicyRun
  let decided = 0
  /** The policy that posts every call: cases in a row mostly have the same hooks. */
  let watch: { text: string; loaded: Awaited<ReturnType<PolicyRun['load']>> } | undefined
  before(async () => {
    const more = ['--enable-ancestors', 'base,kprobe']
    run = await PolicyRun.start(...more)
  })
  after(() => run?.stop())

  const cases = [...operatorCases, ...matcherCases].filter(
    // A process that is killed ends before the other policy has seen all of its calls.
    (each) => !each.startFirst && each.end === undefined && !atStart.test(caseTitle(each)),
  )
  for (const policyCase of cases) {
    it(`hits what the kernel hits: ${caseTitle(policyCase)}`, async (t) => {
      const missing = lacks(policyCase.needs ?? {})
      if (missing) return t.skip(missing)
      const result = await tryBoth(policyCase, await variablesOf(policyCase, run))
      if (typeof result === 'string') return t.skip(result)
      const { hits, undecided, posted } = result
      if (undecided > 0) {
        assert.match(caseTitle(policyCase), undecidable)
      } else {
        assert.equal(hits, posted)
        decided++
      }
    })
  }

  it('decides most cases', () =>
    assert.ok(decided > cases.length / 2, `${decided} of ${cases.length}`))

  async function watchHooks(text: string): Promise<void> {
    if (watch?.text === text) return
    if (watch) await run.unload(watch.loaded)
    watch = undefined
    watch = { text, loaded: await run.load(text) }
  }

  async function tryBoth(policyCase: PolicyCase, place: CaseVariables) {
    const text = policyText(policyCase, place)
    const policy = await run.load(text).catch((error: unknown) => {
      const reason = unhookable(policyCase, error)
      if (reason === undefined) throw error
      return reason
    })
    if (typeof policy === 'string') return policy
    await watchHooks(watching(text))
    const events: HookEvent[] = []
    for (const words of [policyCase.hit, policyCase.miss]) {
      if (words !== undefined) events.push(...(await finish(run, start(run, words, place))))
    }
    await run.unload(policy)
    const dryRun = new DryRun(policy.compiled.document.policy)
    const outcomes = events
      .filter((event) => event.policy === 'watch')
      .flatMap(({ key, body }) => dryRun.see({ key, body, response: {} }))
      .map(({ kind }) => kind)
    return {
      hits: outcomes.filter((kind) => kind === 'hit').length,
      undecided: outcomes.filter((kind) => kind === 'undecided').length,
      posted: events.filter((event) => event.policy === 'case').length,
    }
  }
})

// All execs are recorded before the filter is loaded.
describe('a dry run on all execs', () => {
  let run: PolicyRun
  before(async () => {
    const more = ['--enable-ancestors', 'base,kprobe', '--enable-process-ns']
    run = await PolicyRun.start(...more, '--enable-process-cred')
  })
  after(() => run?.stop())

  for (const policyCase of decidedFilterCases) {
    it(`posts what the filter posts: ${caseTitle(policyCase)}`, async (t) => {
      const missing = lacks(policyCase.needs ?? {})
      if (missing) return t.skip(missing)
      const place = await variablesOf(policyCase, run)
      const { folder } = place
      const both = async () => [
        ...(await eventsOf(run, policyCase.hit, place)),
        ...(await eventsOf(run, policyCase.miss ?? '', place)),
      ]
      const recorded = await both()
      const policy = await run.load(policyText(policyCase, place))
      const posted = countExecs(await both(), folder)
      await run.unload(policy)
      assert.equal(wouldPost(policy.compiled.document.policy, recorded, folder), posted)
      // The record has execs of which the filter posts some.
      assert.ok(posted > 0 && posted < postedExecs(recorded, folder).execs.length)
    })
  }
})
