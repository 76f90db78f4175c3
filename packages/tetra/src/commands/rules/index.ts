import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { check } from './check.ts'
import { explain } from './explain.ts'
import { fields } from './fields.ts'
import { importRules } from './import/index.ts'
import { list } from './list.ts'
import { show } from './show.ts'
import { test } from './test.ts'

/** `tetra rules` */
export const rules: Command = defineGroup({
  name: 'rules',
  summary: 'Check detection rules, try them on recorded events',
  commands: [check, test, list, show, explain, fields, importRules],
  examples: [
    ['tetra rules check rules/', 'Show all errors of the rules in a folder'],
    ['tetra rules test rules/ --log events.json', 'Show what they find in recorded events'],
    ['tetra rules fields process_creation', 'Show the fields that rules on programs can use'],
  ],
})
