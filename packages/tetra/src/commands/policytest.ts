import { mkdir, writeFile } from 'node:fs/promises'
import { escapeUnprintable } from '@tetragon-ts/api'
import { flag, list, type Options, text } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { onInterrupt } from '../events/interrupt.ts'
import { jsonLine } from '../json-text.ts'
import { readNameValue } from '../name-value.ts'
import { outputOption } from '../output-option.ts'
import {
  allValues,
  chooseTests,
  type ParameterValues,
  type PolicyTest,
  readPolicyTests,
  usualValues,
} from '../policytest/policy-tests.ts'
import type { TestResult } from '../policytest/run-test.ts'
import { tableLines } from '../table.ts'
import { UsageError } from '../usage-error.ts'

const parent = 'policytest'

const folderOption = {
  policies: text({
    value: 'FOLDER',
    help: "Folder of policies with their tests.json; without, this project's library",
  }),
} as const satisfies Options

const listTests = defineCommand({
  name: 'list',
  parent,
  summary: 'List the tests; needs no agent',
  options: { 'list-params': flag({ help: 'Include their parameters' }), ...folderOption },
  examples: [['tetra policytest list --list-params', 'All tests with their parameters']],
  run: async ({ values, streams }) => {
    const tests = await readPolicyTests(values.policies)
    const rows = tests.map(({ name, about, parameters }) => {
      const params = Object.entries(parameters).map(([key, each]) => `${key}=${each.join('|')}`)
      return values['list-params'] ? [name, about, params.join(' ')] : [name, about]
    })
    streams.stdout.write(
      tableLines(rows)
        .map((line) => `${line}\n`)
        .join(''),
    )
    return 0
  },
})

const dumpPolicy = defineCommand({
  name: 'dump-policy',
  parent,
  summary: 'Print the policy of a test as it is loaded; needs no agent',
  operands: 'NAME',
  options: folderOption,
  examples: [['tetra policytest dump-policy privilege/namespaces', 'What the test loads']],
  run: async ({ values, operands, streams }) => {
    const [test] = chooseTests(await readPolicyTests(values.policies), operands)
    const { policyOf } = await import('../policytest/run-test.ts')
    streams.stdout.write((await policyOf(test, false, usualValues(test, {}))).yaml)
    return 0
  },
})

const marks = {
  passed: 'ok     ',
  failed: 'FAILED ',
  refused: 'refused',
  skipped: 'skipped',
} as const

function resultText({ name, parameters, state, reason, seconds }: TestResult): string {
  const values = Object.entries(parameters).map(([key, value]) => ` ${key}=${value}`)
  const head = escapeUnprintable(`${marks[state]} ${name}${values.join('')} (${seconds} s)`)
  const lines = reason === '' ? [] : reason.split('\n')
  return [head, ...lines.map((line) => `        ${escapeUnprintable(line)}`), ''].join('\n')
}

/** The runs: each test with values of its parameters. */
function runsOf(
  tests: readonly PolicyTest[],
  set: ParameterValues,
  isAll: boolean,
): (readonly [PolicyTest, ParameterValues])[] {
  for (const name of Object.keys(set)) {
    if (tests.some(({ parameters }) => Object.hasOwn(parameters, name))) continue
    throw new UsageError(`parse --set-param: none of the tests has a parameter "${name}"`)
  }
  return tests.flatMap((test) => {
    const values = isAll ? allValues(test) : [usualValues(test, set)]
    return values.map((each) => [test, each] as const)
  })
}

const run = defineCommand({
  name: 'run',
  parent,
  summary: 'Load policies into the agent of this machine, trigger them and look at the events',
  operands: '[NAME...]',
  description:
    'Each policy is loaded under a separate name and removed afterwards. Triggers run as the current\n' +
    'user, so most of them need root. If the kernel does not support a policy, it is reported as\n' +
    'refused; if this machine lacks what a trigger needs, the test is skipped. Both are reported with\n' +
    'the reason and are not failures. The exit code is 1 if a test failed.',
  options: {
    'all-tests': flag({ help: 'Run all tests' }),
    'monitor-mode': flag({ help: 'Load the policies in the mode monitor' }),
    'set-param': list({
      keepsCommas: true,
      value: 'NAME=VALUE',
      each: readNameValue,
      help: 'Value of a parameter',
    }),
    'all-params': flag({ help: 'Run each test with all values of its parameters' }),
    bindir: text({ value: 'FOLDER', help: 'Programs for triggers, before PATH' }),
    'dump-policy-path': text({
      value: 'FOLDER',
      help: 'Write the policies that are loaded into this folder',
    }),
    output: outputOption('one object a test and line'),
    'output-file': text({
      value: 'FILE',
      help: 'Write the results there instead of to standard output',
    }),
    ...folderOption,
    ...connectionOptions,
  },
  examples: [
    ['tetra policytest run --all-tests', "Whether this project's policies work on this machine"],
    ['tetra policytest run --policies ./mine my-policy', 'The same for a policy of yours'],
  ],
  run: async ({ values, operands, streams }) => {
    const known = await readPolicyTests(values.policies)
    if (operands.length === 0 && !values['all-tests']) {
      throw new UsageError('NAME is missing; --all-tests runs all')
    }
    const tests = values['all-tests'] ? known : chooseTests(known, operands)
    const runs = runsOf(tests, Object.fromEntries(values['set-param']), values['all-params'])
    const dumpFolder = values['dump-policy-path']
    if (dumpFolder !== '') await mkdir(dumpFolder, { recursive: true })
    const { runPolicyTest } = await import('../policytest/run-test.ts')
    const interrupt = new AbortController()
    const restore = onInterrupt(() => interrupt.abort())
    const options = {
      monitor: values['monitor-mode'],
      programs: values.bindir,
      dumpFolder,
      interrupt: interrupt.signal,
    }
    const results: TestResult[] = []
    let text = ''
    await withAgent(values, async (agent) => {
      // An unreachable agent is not a failed test.
      await agent.call('GetVersion', {})
      for (const [test, parameters] of runs) {
        if (interrupt.signal.aborted) break
        const result = await runPolicyTest(agent, test, parameters, options)
        results.push(result)
        const isJson = values.output === 'json'
        const shown = isJson ? jsonLine(result) : resultText(result)
        if (values['output-file'] === '') streams.stdout.write(shown)
        else text += shown
      }
    }).finally(restore)
    if (values['output-file'] !== '') await writeFile(values['output-file'], text)
    const count = (state: TestResult['state']): string =>
      `${results.filter((each) => each.state === state).length} ${state}`
    streams.stderr.write(
      `${count('passed')}, ${count('failed')}, ${count('refused')}, ${count('skipped')}\n`,
    )
    return results.some(({ state }) => state === 'failed') ? 1 : 0
  },
})

/** `tetra policytest` */
export const policytest: Command = defineGroup({
  name: 'policytest',
  aliases: ['pt'],
  summary: 'Test policies on the agent of this machine',
  commands: [listTests, run, dumpPolicy],
  examples: [['tetra policytest run --all-tests', 'Whether policies work on this machine']],
})
