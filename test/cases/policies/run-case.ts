import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { HookEvent, StartedProcess } from '@tetragon-ts/agent/testing'

import { isFull, isMain, isOther, loadsAll, PolicyRun } from '@tetragon-ts/agent/testing'
import type { Event } from '@tetragon-ts/api'
import { DryRun } from '@tetragon-ts/policy'
import { ownWorkload, type WorkloadName, workload } from '@tetragon-ts/test/workloads'
import { hasSection, isShownByHost, sectionsOf } from './by-host.ts'
import { type CaseVariables, caseTitle, type PolicyCase, type Trigger } from './policy-case.ts'
import { countExecs, wouldPost } from './posted-execs.ts'
import { isRefusedProgram, lacks, spareModule, unhookable } from './requirements.ts'

/** Prefix of the diagnostic line with the back ends of a case. */
export const backendNote = 'back end: '

/** Prefix of the line about cases that were only loaded on this kernel. */
export const loadedNote = 'loaded, not tried: '

/** Prefix of the line about cases that other kernels try. */
export const leftOutNote = 'left out: '

/** How a family of cases runs. */
export interface FamilyOptions {
  /**
   * Whether emulated kernels run only some cases: those of hooks, the first of each other construct
   * and back end, and those marked `everyKernel`. The oldest kernel also loads the policies of the
   * first case that has a construct in another section, and of those about selectors. The main
   * kernel leaves out what the host's attach methods show as well, and others what is not about
   * hooks. A full run runs all.
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
    before(async () => {
      run = await PolicyRun.start()
    })
    after(() => run?.stop())
    for (const policyCase of cases) {
      it(caseTitle(policyCase), async (t) => {
        const isSampled = sampled && !isFull && !policyCase.everyKernel
        await run.unlessMissed(async () => {
          const place = await variablesOf(policyCase, run)
          return runCase(t, policyCase, run, place, isSampled)
        })
      })
    }
  })
}

/** The program that triggers hooks in the kernel. */
const trigger = 'trigger'

/** Paths of workloads in each run: finding one is slow, because all of its sources are read. */
const pathsOf = new WeakMap<object, Map<WorkloadName, Promise<string>>>()

/** Others than the trigger are probed: each run has its own. */
async function pathOf(name: WorkloadName, run: Pick<PolicyRun, 'folder'>): Promise<string> {
  const paths = pathsOf.get(run) ?? new Map<WorkloadName, Promise<string>>()
  pathsOf.set(run, paths)
  const path =
    paths.get(name) ?? (name === trigger ? workload(name) : ownWorkload(name, run.folder))
  paths.set(name, path)
  return path
}

/** The variables of a case before any of its processes has started. */
export async function variablesOf(
  { program = trigger, facts }: PolicyCase,
  run: Pick<PolicyRun, 'folder'>,
): Promise<CaseVariables> {
  const path = await pathOf(program, run)
  const folder = mkdtempSync(join(run.folder, 'case-'))
  const known = facts?.(path) ?? {}
  return {
    folder,
    trigger: await pathOf(trigger, run),
    program: path,
    pid: 0,
    module: spareModule(),
    facts: known,
  }
}

async function runCase(
  t: TestContext,
  policyCase: PolicyCase,
  run: PolicyRun,
  place: CaseVariables,
  sampled: boolean,
): Promise<void> {
  const { needs = {}, hit, miss, startFirst, isHeld, end, prints, expect } = policyCase
  const missing = lacks(needs)
  if (missing) return t.skip(missing)
  if (policyCase.refused) {
    await assert.rejects(run.load(policyText(policyCase, place)), policyCase.refused)
    return t.diagnostic(`${backendNote}none: refused`)
  }
  if ((isMain || isOther) && isUserProbe(policyCase)) {
    return t.diagnostic(`${leftOutNote}user probes are tried on the host and the oldest kernel`)
  }
  const construct = constructOf(policyCase)
  const isHook = policyCase.covers.kind === 'hook'
  if (sampled && policyCase.onHost) {
    return t.diagnostic(`${leftOutNote}no kernel decides about it: the host shows it`)
  }
  const inSections = `${construct} in ${sectionsOf(policyCase.policy)}`
  // Large policies are what the verifier of the oldest kernel may refuse.
  const isLarge = policyCase.covers.kind === 'selector'
  const isElsewhere = isShownByHost(policyCase.policy) && seen.has(inSections)
  const isLoaded = loadsAll && (isLarge || !isElsewhere)
  if (sampled && !isHook && seen.has(construct) && !isLoaded) {
    return t.diagnostic(`${leftOutNote}another case has ${loadsAll ? inSections : construct}`)
  }
  if (sampled && isOther && policyCase.covers.kind !== 'hook') {
    return t.diagnostic(`${leftOutNote}the oldest and the main kernel have such cases`)
  }
  if (sampled && isMain && isCaseOfHost(policyCase)) {
    return t.diagnostic(`${leftOutNote}it needs no kprobes, trampolines or LSM programs`)
  }
  const begin = (trigger: Trigger) => start(run, trigger, place)
  const early = startFirst ? [hit, ...(miss ? [miss] : [])].map(begin) : []
  const here = { ...place, pid: early[0]?.pid ?? 0 }
  let policy: Loaded
  try {
    policy = await run.loadAttached(policyText(policyCase, here))
  } catch (error) {
    for (const process of early) process.child.kill('SIGKILL')
    const reason = unhookable(policyCase, error)
    if (reason === undefined) throw error
    return t.skip(reason)
  }
  try {
    const ways = backends(policy)
    t.diagnostic(backendNote + ways.join(', '))
    if (policyCase.backend) for (const way of ways) assert.match(way, policyCase.backend)
    // Cases of hooks name functions that some back ends correctly refuse.
    if (!isHook) {
      assert.deepEqual(refusedByVerifier(policy), [], 'a better back end was refused')
    }
    const [first, second] = early
    const constructs = [construct, ...ways]
    seen.add(inSections)
    // Each hook is of its own kind.
    const isNew = isHook || constructs.some((each) => !seen.has(each))
    if (sampled && !isNew)
      return t.diagnostic(`${loadedNote}other cases have ${constructs.join(', ')}`)
    if (policyCase.posts === 'execs') return await tryFilter(run, policyCase, policy, here)
    const earlier = run.events.length
    const started = first ?? begin(hit)
    if (isHeld) await run.waitForHit(started)
    const events = await finish(run, started, end)
    if (prints !== undefined) assert.equal(started.output, prints)
    checkCount(policyCase, events)
    checkDryRun(policy, run.events.slice(earlier), events)
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

/** Counts the execs of the hit that a process filter posts, and those of the miss. */
async function tryFilter(
  run: PolicyRun,
  { hit, miss, count = 1 }: PolicyCase,
  { compiled }: Loaded,
  place: CaseVariables,
): Promise<void> {
  const posted = await eventsOf(run, hit, place)
  assert.equal(countExecs(posted, place.folder), count, 'execs of the hit')
  const predicted = wouldPost(compiled.document.policy, posted, place.folder)
  assert.ok(predicted === undefined || predicted === count, 'a dry run does not post them')
  if (miss === undefined) return
  const others = await eventsOf(run, miss, place)
  assert.equal(countExecs(others, place.folder), 0, 'execs of the miss')
}

/** All events from the start of a process to its end. */
export async function eventsOf(
  run: PolicyRun,
  trigger: Trigger,
  place: CaseVariables,
): Promise<readonly Event[]> {
  const started = start(run, trigger, place)
  await finish(run, started)
  return run.events.slice(started.since)
}

type Loaded = Awaited<ReturnType<PolicyRun['load']>>

/** Constructs that cases have covered on this kernel; a case that is repeated has not. */
const seen = new Set<string>()

/** What a case is about. */
function constructOf({ covers }: PolicyCase): string {
  return `${covers.kind} ${covers.name}`
}

/**
 * Whether hosts without kprobes, trampolines and LSM programs show it as well: cases of hooks are
 * about the attach method, for which others only need one.
 */
function isCaseOfHost({ covers, policy }: PolicyCase): boolean {
  if (covers.kind === 'hook') return !hasSection(policy, 'kprobes', 'fentries', 'lsmhooks')
  return isShownByHost(policy)
}

/** Whether its hooks are in user space: kernels attach them as the host or as the oldest does. */
function isUserProbe({ policy }: PolicyCase): boolean {
  const isElsewhere = hasSection(policy, 'kprobes', 'tracepoints', 'lsmhooks', 'fentries')
  return !isElsewhere && hasSection(policy, 'uprobes', 'usdts')
}

/** Back ends of the hooks that are attached, as in the status of the policy. */
function backends(policy: Loaded): string[] {
  const ways = policy.compiled.hooks.map((hook) => {
    const inNoFile = policy.inodesOf(hook)?.length === 0
    return inNoFile ? 'none: attached to no file' : hook.planned.plan.backend
  })
  return [...new Set(ways)]
}

/** Refused programs that another back end replaced: these are our bugs too. */
function refusedByVerifier({ compiled }: Loaded): string[] {
  const attempts = compiled.hooks.flatMap((hook) => hook.attempts)
  return attempts.filter(isRefusedProgram).map(({ reason }) => reason)
}

export function start(run: PolicyRun, trigger: Trigger, place: CaseVariables): StartedProcess {
  if (typeof trigger === 'string') return run.spawn('/bin/sh', ['-c', fill(trigger, place)], place)
  const words = trigger.map((word) => fill(word, place))
  return run.spawn(place.program, words, place)
}

/** @param end exit status or signal with which the process must end */
export async function finish(
  run: PolicyRun,
  started: StartedProcess,
  end: number | NodeJS.Signals = 0,
): Promise<readonly HookEvent[]> {
  started.child.stdin?.end('\n')
  const events = await run.finish(started)
  assert.equal(await started.ended, end, `the trigger failed: ${started.output}`)
  return events
}

function checkCount({ count = 1 }: PolicyCase, events: readonly HookEvent[]): void {
  const lines = compact(events).join('\n')
  if (count === 'some') assert.ok(events.length > 0, 'nothing was posted')
  else assert.equal(events.length, count, `events instead of ${count}:\n${lines}`)
}

/**
 * A dry run must not miss what the kernel found.
 * @param all events since the case began
 * @param found those of the case: arguments of other processes may be unreadable at the hook, and
 *   read afterwards
 */
function checkDryRun({ compiled }: Loaded, all: readonly Event[], found: readonly HookEvent[]) {
  const dryRun = new DryRun(compiled.document.policy)
  const bodies = new Set<unknown>(found.map(({ body }) => body))
  for (const event of all) {
    const outcomes = dryRun.see(event)
    const isMissed = outcomes.length === 0 || outcomes.every(({ kind }) => kind === 'miss')
    const isOwn = bodies.has(event.body)
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

/** Replaces placeholders; other braces, such as those of YAML, stay as they are. */
function fill(text: string, { facts, ...place }: CaseVariables): string {
  const values: Readonly<Record<string, string | number>> = { ...facts, ...place }
  return text.replace(/\{([a-z]\w*)\}/gi, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )
}
