import { choice, didYouMean, flag, text } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { explain as explainPath } from '../explain/explanation.ts'
import { fieldTable } from '../explain/field-table.ts'
import { apiVersion, findResource, resources } from '../explain/resources.ts'
import { textForm } from '../explain/text-form.ts'
import { jsonLines } from '../json-text.ts'
import { UsageError } from '../usage-error.ts'

function listText(): string {
  const rows = resources.map(({ plural, shortName, kind }) => [plural, shortName, kind])
  const heads = ['NAME', 'SHORTNAME', 'KIND']
  const lines = [heads, ...rows].map(([name, short, kind]) => {
    return `${name.padEnd(27)}${short.padEnd(11)}${apiVersion.padEnd(21)}${kind}\n`
  })
  return lines.join('').replace(apiVersion, 'APIVERSION'.padEnd(apiVersion.length))
}

/** `tetra explain RESOURCE[.FIELD]` */
export const explain: Command = defineCommand({
  name: 'explain',
  summary: 'Explain the fields of policies and of PodInfo; needs no agent',
  operands: '[RESOURCE[.FIELD...]]',
  operandChoices: resources.map(({ plural }) => plural),
  operandFields: fieldTable(resources),
  description:
    'Fields are joined by dots; indexes of lists, as in kprobes[0], are ignored. --list shows the\n' +
    'resources.',
  options: {
    output: choice({
      short: 'o',
      value: 'FORMAT',
      default: 'text',
      choices: ['text', 'json', 'yaml'],
      help: 'Output format',
    }),
    recursive: flag({ short: 'R', help: 'Show all fields below, without descriptions' }),
    example: flag({ help: 'Show an example in YAML instead' }),
    list: flag({ help: 'List the resources' }),
    'api-version': text({ value: 'VERSION', default: apiVersion, help: 'Version of the resource' }),
  },
  examples: [
    ['tetra explain tracingpolicies', 'The fields of a policy'],
    ['tetra explain tracingpolicies.spec.kprobes.args', 'The arguments of a hook'],
    ['tetra explain tracingpolicies.spec -R', 'All fields of a policy'],
    ['tetra explain tgtp.spec.lsmhooks --example', 'An example of a field'],
    ['tetra explain podinfo -R', 'The fields of a PodInfo'],
  ],
  run: async ({ values, operands, streams }) => {
    const operand = operands.at(0)
    if (values.list) {
      if (operand !== undefined) throw new UsageError(`unexpected argument "${operand}"`)
      streams.stdout.write(listText())
      return 0
    }
    if (operand === undefined) throw new UsageError('RESOURCE is missing')
    const version = values['api-version']
    if (version !== apiVersion && version !== '') {
      throw new UsageError(
        `unknown version "${version}"${didYouMean(version, [apiVersion])}; it is ${apiVersion}`,
      )
    }
    const split = /[.[]/.exec(operand)?.index ?? operand.length
    const resource = findResource(operand.slice(0, split))
    const path = operand.slice(split).replace(/^\./, '')
    const explanation = explainPath(resource, path, values.recursive)
    if (values.example) {
      const { example } = await import('../explain/example.ts')
      const text = example(resource, path)
      if (text === undefined) throw new Error(`no example for ${path}`)
      streams.stdout.write(text)
    } else if (values.output === 'json') {
      streams.stdout.write(jsonLines(explanation))
    } else if (values.output === 'yaml') {
      const { writeYaml } = await import('@tetragon-ts/policy/yaml')
      streams.stdout.write(writeYaml(explanation, { lineWidth: 100 }))
    } else {
      streams.stdout.write(textForm(explanation, values.recursive))
    }
    return 0
  },
})
