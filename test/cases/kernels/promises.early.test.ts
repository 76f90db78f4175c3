import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { isFullRun, PolicyRun } from '@tetragon-ts/agent/testing'
import {
  checkPolicy,
  type DescribedKernel,
  decodeKernel,
  describedKernel,
  describeWay,
  type PolicyCheck,
} from '@tetragon-ts/compiler/kernel-description'
import { describeKernel, runningKernel } from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { repositoryRoot } from '../../vm/repository.ts'
import { allCases } from '../policies/all-cases.ts'
import { caseTitle, type PolicyCase } from '../policies/policy-case.ts'
import { lacks } from '../policies/requirements.ts'
import { leftOutNote, policyText, variablesOf } from '../policies/run-case.ts'

const library = join(repositoryRoot, 'policies')
const libraryFiles = readdirSync(library, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && !name.startsWith('rules/'))
  .sort()

/**
 * Emulated kernels load the first case of each hook and action, which decide attach methods and
 * means, and the policies of the library that enforce: library.kernel.test.ts loads the others.
 * Here the first case of each construct is loaded; a full run loads everything everywhere.
 */
const isEmulated = process.env.TETRAGON_TEST_KERNEL !== undefined
/**
 * All but `system-programs`, whose files take an emulated processor long, and those by fanotify,
 * whose means is the same on all kernels.
 */
const isForEmulated = /^enforce\/(?!system-programs|.*-by-fanotify)/

/** What a description promises, or a kernel does, in a form to compare. */
type Outcome = Readonly<Record<string, readonly string[]>> | 'fails'

describe('what a description promises is what the kernel does', () => {
  let run: PolicyRun
  let kernel: DescribedKernel
  let compared = 0

  before(async () => {
    run = await PolicyRun.start()
    const running = runningKernel(Btf.open())
    // The files of this machine: the description itself has none.
    kernel = describedKernel(await decodeKernel(await describeKernel(running)), {
      ...{ openUserFile: running.openUserFile, userFiles: running.userFiles },
      ...{ agent: running.agent, hostNamespace: running.hostNamespace },
    })
  })
  after(() => run?.stop())

  for (const name of libraryFiles) {
    it(`for ${name}`, (t) => {
      if (isEmulated && !isFullRun && !isForEmulated.test(name)) {
        return t.diagnostic(`${leftOutNote}a full run loads it`)
      }
      return compare(readFileSync(join(library, name), 'utf8'), name)
    })
  }

  it('for the policies of all cases', async (t) => {
    const chosen = isFullRun ? allCases : firstOfEach(allCases)
    const differences: string[] = []
    for (const policyCase of chosen) {
      if (lacks(policyCase.needs ?? {})) continue
      const text = policyText(policyCase, await variablesOf(policyCase, run))
      try {
        await compare(text, caseTitle(policyCase))
      } catch (error) {
        if (!(error instanceof assert.AssertionError)) throw error
        differences.push(`${caseTitle(policyCase)}: ${error.message}`)
      }
    }
    t.diagnostic(`${compared} policies compared`)
    assert.deepEqual(differences, [])
    assert.ok(compared > chosen.length / 2)
  })

  async function compare(text: string, name: string): Promise<void> {
    const { documents } = readPolicies(text, name)
    for (const document of documents) {
      const promised = promiseOf(checkPolicy(document, kernel))
      const done = await load(document, text)
      if (done === undefined) continue
      assert.deepEqual(done, promised, name)
      compared++
    }
  }

  /**
   * Loads a policy, and unloads it.
   * @returns undefined if only the options of this agent prevent that
   */
  async function load({ policy }: PolicyDocument, text: string): Promise<Outcome | undefined> {
    try {
      const loaded = await run.load(text)
      try {
        const ways = loaded.compiled.hooks.map((hook) => {
          return [hook.planned.hook.path, wayText(describeWay(hook))] as const
        })
        return grouped(ways)
      } finally {
        await run.unload(loaded)
      }
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      const refused = error.attempts.filter(({ atLoad }) => atLoad)
      assert.deepEqual(refused, [], `${policy.name}: the verifier refuses programs`)
      const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
      if (errors.every(({ code }) => code === 'POLICY_UNSUPPORTED')) return undefined
      return 'fails'
    }
  }
})

function promiseOf({ verdict, hooks }: PolicyCheck): Outcome {
  if (verdict === 'fails') return 'fails'
  return grouped(
    hooks.flatMap(({ path, ways }) => ways.map((way) => [path, wayText(way)] as const)),
  )
}

function wayText({ backend, functions, enforcement }: ReturnType<typeof describeWay>): string {
  const means = enforcement.map(({ action, means = 'none', guarantee }) => {
    return `${action} ${means} ${guarantee}`
  })
  return `${backend} ${functions}: ${means.join()}`
}

function grouped(ways: readonly (readonly [string, string])[]): Outcome {
  const all: Record<string, string[]> = {}
  for (const [path, way] of ways) {
    all[path] ??= []
    all[path].push(way)
  }
  return all
}

function firstOfEach(cases: readonly PolicyCase[]): readonly PolicyCase[] {
  const seen = new Set<string>()
  return cases.filter(({ covers }) => {
    if (isEmulated && covers.kind !== 'hook' && covers.kind !== 'action') return false
    const construct = `${covers.kind} ${covers.name}`
    return !seen.has(construct) && seen.add(construct)
  })
}
