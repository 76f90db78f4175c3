import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { HookEvent, StartedProcess } from '@tetragon-ts/agent/testing'

import { isPart, PolicyRun } from '@tetragon-ts/agent/testing'
import type { Event } from '@tetragon-ts/api'
import { DryRun } from '@tetragon-ts/policy'
import { workload } from '@tetragon-ts/test/workloads'
import { type CaseVariables, caseTitle, type PolicyCase, type Trigger } from './policy-case.ts'
import { isRefusedProgram, lacks, spareModule, unhookable } from './requirements.ts'

/** Prefix of the diagnostic line with the back ends of a case. */
export const backendNote = 'back end: '

/** Prefix of the line about cases that were only loaded on this kernel. */
export const loadedNote = 'loaded, not tried: '

/** How a family of cases runs. */
export interface FamilyOptions {
  /**
   * Whether other kernels run, of cases that are not about hooks, only the first of each construct
   * and back end, and those marked `everyKernel`; the policies of all others are only loaded there.
   */
  readonly sampled?: boolean
}

/** Declares a test for each case; all of them share an agent. */
export function testPolicies(
  suite: string,
  cases: readonly PolicyCase[],
  { sampled = false }: FamilyOptions = {},
): void {
  describe(suite, () => {
    let run: PolicyRun
    let trigger: string
    before(async () => {
      trigger = await workload('trigger')
      run = await PolicyRun.start('--enable-policy-filter')
    })
    after(() => run?.stop())
    cases.forEach((policyCase, number) => {
      it(caseTitle(policyCase), async (t) => {
        const isSampled = sampled && isPart && !policyCase.everyKernel
        await run.unlessMissed(() => {
          const folder = mkdtempSync(join(run.folder, `case-${number}-`))
          const place = { folder, trigger, pid: 0, module: spareModule() }
          return runCase(t, policyCase, run, place, isSampled)
        })
      })
    })
  })
}

async function runCase(
  t: TestContext,
  policyCase: PolicyCase,
  run: PolicyRun,
  place: CaseVariables,
  sampled: boolean,
): Promise<void> {
  const { needs = {}, hit, miss, startFirst = false, expect } = policyCase
  const missing = lacks(needs)
  if (missing) return t.skip(missing)
  const begin = (trigger: Trigger) => start(run, trigger, place)
  const early = startFirst ? [hit, ...(miss ? [miss] : [])].map(begin) : []
  const here = { ...place, pid: early[0]?.pid ?? 0 }
  let policy: Loaded
  try {
    policy = await run.load(policyText(policyCase, here))
  } catch (error) {
    for (const process of early) process.child.kill('SIGKILL')
    const reason = unhookable(policyCase, error)
    if (reason === undefined) throw error
    return t.skip(reason)
  }
  try {
    t.diagnostic(backendNote + backends(policy).join(', '))
    // Cases of hooks name functions that some back ends correctly refuse.
    if (policyCase.covers.kind !== 'hook') {
      assert.deepEqual(refusedByVerifier(policy), [], 'a better back end was refused')
    }
    const [first, second] = early
    const constructs = constructsOf(policyCase, policy)
    // Each hook is of its own kind.
    const isNew = policyCase.covers.kind === 'hook' || constructs.some((each) => !seen.has(each))
    if (sampled && !isNew)
      return t.diagnostic(`${loadedNote}other cases have ${constructs.join(', ')}`)
    const earlier = run.events.length
    const events = await finish(run, first ?? begin(hit))
    checkCount(policyCase, events)
    checkDryRun(policy, run.events.slice(earlier))
    expect?.(events[0], events, here)
    if (miss) {
      const posted = await finish(run, second ?? begin(miss))
      assert.deepEqual(compact(posted), [], 'what must post nothing posted')
    }
    for (const construct of constructs) seen.add(construct)
  } finally {
    // A process that still waits for its line would keep this one alive.
    for (const process of early) process.child.kill('SIGKILL')
    await run.unload(policy)
  }
}

type Loaded = Awaited<ReturnType<PolicyRun['load']>>

/** Constructs that cases have covered on this kernel; a case that is repeated has not. */
const seen = new Set<string>()

function constructsOf({ covers }: PolicyCase, policy: Loaded): readonly string[] {
  return [`${covers.kind} ${covers.name}`, ...backends(policy)]
}

function backends({ compiled }: Loaded): string[] {
  return [...new Set(compiled.hooks.map(({ planned }) => planned.plan.backend))]
}

/** Refused programs that another back end replaced: these are our bugs too. */
function refusedByVerifier({ compiled }: Loaded): string[] {
  const attempts = compiled.hooks.flatMap((hook) => hook.attempts)
  return attempts.filter(isRefusedProgram).map(({ reason }) => reason)
}

export function start(run: PolicyRun, trigger: Trigger, place: CaseVariables): StartedProcess {
  if (typeof trigger === 'string') return run.spawn('/bin/sh', ['-c', fill(trigger, place)], place)
  const words = trigger.map((word) => fill(word, place))
  return run.spawn(place.trigger, words, place)
}

export async function finish(
  run: PolicyRun,
  started: StartedProcess,
): Promise<readonly HookEvent[]> {
  started.child.stdin?.end('\n')
  const events = await run.finish(started)
  assert.equal(await started.ended, 0, `the trigger failed: ${started.output}`)
  return events
}

function checkCount({ count = 1 }: PolicyCase, events: readonly HookEvent[]): void {
  const lines = compact(events).join('\n')
  if (count === 'some') assert.ok(events.length > 0, 'nothing was posted')
  else assert.equal(events.length, count, `events instead of ${count}:\n${lines}`)
}

/** A dry run must not miss what the kernel found. */
function checkDryRun({ compiled }: Loaded, events: readonly Event[]): void {
  const dryRun = new DryRun(compiled.document.policy)
  for (const event of events) {
    const outcomes = dryRun.see(event)
    const isOwn = 'policy_name' in event.body && event.body.policy_name === 'case'
    const isMissed = outcomes.length === 0 || outcomes.every(({ kind }) => kind === 'miss')
    assert.ok(!isOwn || !isMissed, `a dry run misses ${JSON.stringify(event.response)}`)
  }
}

function compact(events: readonly HookEvent[]): string[] {
  return events.map((event) => `${event.compact} ${JSON.stringify(event.args)}`)
}

export function policyText({ policy }: PolicyCase, place: CaseVariables): string {
  const spec = fill(policy, place).replace(/^/gm, '  ')
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: case
spec:
${spec}
`
}

function fill(text: string, place: CaseVariables): string {
  return text.replace(/\{(folder|trigger|pid|module)\}/g, (_, name: keyof CaseVariables) =>
    String(place[name]),
  )
}
