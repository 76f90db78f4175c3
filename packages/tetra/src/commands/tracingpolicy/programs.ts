import { type AnnotatedHook, escapeUnprintable, hookLines, programCounts } from '@tetragon-ts/api'
import { text } from '@tetragon-ts/service/options'
import { agentsOptions } from '../../agents/agents-options.ts'
import { openAgents } from '../../agents/open-agents.ts'
import { readPrograms } from '../../connection/read-programs.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { UsageError } from '../../usage-error.ts'
import { identityOptions } from './identity.ts'

/** `tetra tracingpolicy programs NAME` */
export const programs = defineCommand({
  name: 'programs',
  parent: 'tracingpolicy',
  summary: 'Show the kernel programs of a loaded policy, annotated with its fields',
  operands: 'NAME',
  description:
    'The output has for each hook the back end, why it was chosen and why better ones were refused,\n' +
    'and the instructions, annotated with the fields of the policy that they implement. Random\n' +
    'numbers in instructions, which protect tables from collisions, are others than in the kernel.\n' +
    'The exit code is 1 if an agent does not answer.',
  options: {
    hook: text({ value: 'PATH', help: 'Only this hook, such as kprobes[0]' }),
    output: outputOption('one object per hook and line'),
    ...identityOptions,
    ...agentsOptions,
  },
  examples: [
    ['tetra tracingpolicy programs watch-connections', 'All programs of the policy'],
    ['tetra tp programs watch-connections --hook kprobes[0]', 'Those of its first kprobe'],
    ['tetra --cluster tp programs watch-connections -o json', 'Those of all nodes of a cluster'],
  ],
  run: async ({ values, operands, streams }) => {
    const [name] = operands
    const { namespace, domain } = values
    const hook = readHook(values.hook)
    using agents = await openAgents(values, streams)
    const answers = await readPrograms(agents, { name, namespace, domain, ...hook })
    const found = answers.flatMap(({ node, response }) => (response ? [{ node, response }] : []))
    for (const [i, { node, response: hooks }] of found.entries()) {
      if (values.output === 'json') {
        const objects = hooks.map((hook) => (agents.hasNodes ? { node, ...hook } : hook))
        streams.stdout.write(objects.map(jsonLine).join(''))
      } else {
        const title = agents.hasNodes ? `policy ${name} on node ${node}` : `policy ${name}`
        streams.stdout.write(`${i > 0 ? '\n' : ''}${programsText(title, hooks)}`)
      }
    }
    for (const { node, failure } of answers) {
      if (failure === undefined) continue
      const text = escapeUnprintable(`${node}: ${failure}`)
      streams.stderr.write(`tetra: missing: node ${text}\n`)
    }
    return found.length < answers.length ? 1 : 0
  },
})

/** @throws UsageError */
function readHook(path: string) {
  if (path === '') return {}
  const [, section, index] = /^(?:spec\.)?([a-z]+)\[(\d{1,9})\]$/.exec(path) ?? []
  if (section === undefined) {
    throw new UsageError(`invalid --hook "${path}" (example: kprobes[0])`)
  }
  return { section, hook_idx: Number(index) }
}

function programsText(title: string, hooks: readonly AnnotatedHook[]): string {
  const lines = [title, `  ${programCounts(hooks)}`]
  for (const hook of hooks) lines.push('', ...hookLines(hook))
  return lines.map((line) => `${escapeUnprintable(line)}\n`).join('')
}
