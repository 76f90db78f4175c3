import { basename } from 'node:path'
import { text } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'
import { readRuleTexts } from '../../rules/read-rule-texts.ts'
import { UsageError } from '../../usage-error.ts'

/** `tetra rules add FILE…` */
export const add = defineCommand({
  name: 'add',
  parent: 'rules',
  summary: 'Put rules into force until the agent stops',
  operands: 'FILE|FOLDER...',
  description:
    'Each file replaces the one that was added with its name before. A file with an error changes\n' +
    'nothing. Rules of files in /etc/tetragon/rules are in force after a restart, too.',
  options: {
    name: text({
      value: 'NAME',
      help: 'Name for `tetra rules delete` (default: that of the file)',
    }),
    ...connectionOptions,
  },
  examples: [['tetra rules add shell.yml', 'Put the rules of a file into force']],
  run: async ({ values, operands, streams }) => {
    const { files, unreadable } = await readRuleTexts(operands, streams)
    if (values.name !== '' && files.length > 1) {
      throw new UsageError('--name is for one file: others would replace it')
    }
    for (const { file, text: rules } of files) {
      const name = values.name || basename(file)
      const { count = 0 } = await withAgent(values, (agent) => {
        return agent.call('AddRules', { name, text: rules })
      })
      streams.stdout.write(`rules "${name}" added: ${counted(count, 'rule')} in force\n`)
    }
    return unreadable > 0 ? 1 : 0
  },
})
