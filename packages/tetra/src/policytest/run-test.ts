import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSea } from 'node:sea'
import { setTimeout as sleep } from 'node:timers/promises'
import { codecOf, eventOf, GetEventsResponse } from '@tetragon-ts/api'
import {
  compileFilter,
  type FilterMatch,
  filterSubject,
  prepareFilters,
} from '@tetragon-ts/policy/filters'
import { withMode, writtenKey } from '@tetragon-ts/policy/policy-text'
import { isMap, parseDocument } from 'yaml'
import type { AgentClient } from '../connection/agent-client.ts'
import type { ParameterValues, PolicyTest } from './policy-tests.ts'

/**
 * Result of a test. `refused`: the agent could not load the policy on this kernel. `skipped`: this
 * machine lacks something that the trigger needs.
 */
export interface TestResult {
  readonly name: string
  readonly parameters: ParameterValues
  readonly state: 'passed' | 'failed' | 'refused' | 'skipped'
  /** Why it did not pass. */
  readonly reason: string
  readonly seconds: number
}

/** Options of test runs. */
export interface RunOptions {
  readonly monitor: boolean
  /** Prepended to PATH for the triggers. */
  readonly programs: string
  /** Folder for the loaded policies; empty: not written. */
  readonly dumpFolder: string
  /** Aborts a test that waits for events. */
  readonly interrupt: AbortSignal
}

const domain = 'policytest'
/** Time limit for events after the end of the trigger. */
const patienceMs = 10_000
const codec = codecOf(GetEventsResponse)

/**
 * The policy of a test with a unique name, to avoid collisions.
 * @param values of parameters, which the text of the policy may contain as `$NAME`
 */
export async function policyOf(
  test: PolicyTest,
  monitor: boolean,
  values: ParameterValues = {},
): Promise<{ name: string; yaml: string }> {
  const text = withValues(await readFile(test.policyFile, 'utf8'), values)
  const document = parseDocument(monitor ? await withMode(text, 'monitor') : text)
  const contents: unknown = document.contents
  const metadata = isMap(contents) ? contents.get(writtenKey(contents, 'metadata')) : undefined
  if (!isMap(metadata)) throw new Error(`read ${test.policyFile}: it has no metadata`)
  const nameKey = writtenKey(metadata, 'name')
  const name = `policytest-${String(metadata.get(nameKey))}`
  metadata.set(nameKey, name)
  return { name, yaml: document.toString() }
}

/** Replaces parameters in an expression or a policy, as contents of a string. */
function withValues(expression: string, values: ParameterValues): string {
  return expression.replace(/\$(\w+)/g, (all, name: string) => {
    return Object.hasOwn(values, name) ? JSON.stringify(values[name]).slice(1, -1) : all
  })
}

async function compile(expressions: readonly string[]): Promise<FilterMatch[]> {
  const filters = expressions.map((expression) => ({ cel_expression: [expression] }))
  await prepareFilters(filters)
  return filters.map(compileFilter)
}

/** @returns the error of the command; empty if it succeeded */
function runCommand(
  what: string,
  command: string,
  environment: ParameterValues,
  programs: string,
): Promise<string> {
  const PATH = [programs, process.env.PATH].filter(Boolean).join(':')
  // The executable runs no scripts: triggers then need a Node.js of the machine.
  const NODE = isSea() ? 'node' : process.execPath
  const env = { ...process.env, ...environment, PATH, NODE }
  const child = spawn('/bin/sh', ['-c', command], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(0, 1000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      resolve(code === 0 ? '' : `the ${what} ended with ${code}: ${errors.trim()}`)
    })
  })
}

/** Watches events of a policy; `found` has the fulfilled expectations. */
class Expectations {
  readonly #open: Map<string, FilterMatch>

  constructor(expressions: readonly string[], matches: readonly FilterMatch[]) {
    this.#open = new Map(expressions.map((expression, i) => [expression, matches[i]]))
  }

  see(message: Buffer): void {
    const parsed = eventOf(codec.decode(message))
    if (!parsed.ok) return
    const subject = filterSubject(parsed.event)
    for (const [expression, match] of this.#open) {
      if (match(subject)) this.#open.delete(expression)
    }
  }

  get missing(): readonly string[] {
    return [...this.#open.keys()]
  }
}

/** Runs a test on the agent of this machine. The policy is always removed afterwards. */
export async function runPolicyTest(
  agent: AgentClient,
  test: PolicyTest,
  parameters: ParameterValues,
  options: RunOptions,
): Promise<TestResult> {
  const begin = performance.now()
  const end = (state: TestResult['state'], reason: string): TestResult => {
    const seconds = Number(((performance.now() - begin) / 1000).toFixed(3))
    return { name: test.name, parameters, state, reason, seconds }
  }
  // Policies refer to world-writable folders, such as /tmp.
  const folder = await mkdtemp('/tmp/policytest-')
  const values = { ...parameters, FOLDER: folder }
  let added: string | undefined
  try {
    if (test.setup !== '') {
      const trouble = await runCommand('setup', test.setup, values, options.programs)
      if (trouble !== '') return end('skipped', trouble)
    }
    const { name, yaml } = await policyOf(test, options.monitor, values)
    if (options.dumpFolder !== '') {
      await writeFile(join(options.dumpFolder, `${name}.yaml`), yaml)
    }
    const expressions = test.expect.map((expression) => withValues(expression, values))
    const expectations = new Expectations(expressions, await compile(expressions))
    const rejected = test.reject.map((expression) => withValues(expression, values))
    const rejections = new Expectations(rejected, await compile(rejected))
    const filter = { policy_names: [name], pid_set: [process.pid] }
    const stream = agent.events({ allow_list: [filter] })
    stream.on('data', (message: Buffer) => {
      expectations.see(message)
      rejections.see(message)
    })
    let failure: Error | undefined
    stream.on('error', (error) => {
      failure = error
    })
    try {
      await new Promise<void>((resolve, reject) => {
        stream.once('metadata', () => resolve())
        stream.once('error', reject)
      })
      try {
        await agent.call('AddTracingPolicy', { yaml, domain })
      } catch (error) {
        return end('refused', (error as Error).message)
      }
      added = name
      const trouble = await runCommand('trigger', test.trigger, values, options.programs)
      for (let left = patienceMs; left > 0 && expectations.missing.length > 0; left -= 20) {
        if (options.interrupt.aborted) return end('failed', 'it was interrupted')
        if (failure !== undefined) return end('failed', `watch events: ${failure.message}`)
        await sleep(20)
      }
      const { missing } = expectations
      const found = rejected.filter((expression) => !rejections.missing.includes(expression))
      if (missing.length === 0 && found.length === 0) return end('passed', '')
      const wrong = found.map((expression) => `an event matches ${expression}`)
      const lines = missing.map((expression) => `no event matches ${expression}`)
      return end('failed', [...(trouble === '' ? [] : [trouble]), ...wrong, ...lines].join('\n'))
    } finally {
      stream.cancel()
    }
  } catch (error) {
    return end('failed', (error as Error).message)
  } finally {
    if (added !== undefined) {
      await agent.call('DeleteTracingPolicy', { name: added, domain }).catch(() => {})
    }
    await rm(folder, { recursive: true, force: true })
  }
}
