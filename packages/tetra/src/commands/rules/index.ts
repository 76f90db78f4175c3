import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { add } from './add.ts'
import { check } from './check.ts'
import { coverage } from './coverage.ts'
import { remove } from './delete.ts'
import { explain } from './explain.ts'
import { fields } from './fields.ts'
import { hooks } from './hooks.ts'
import { importRules } from './import/index.ts'
import { list } from './list.ts'
import { show } from './show.ts'
import { stats } from './stats.ts'
import { status } from './status.ts'
import { test } from './test.ts'

/** `tetra rules` */
export const rules: Command = defineGroup({
  name: 'rules',
  summary: 'Check detection rules, try them, and put them into force',
  commands: [
    ...[check, test, list, show, explain, hooks, fields, coverage, importRules],
    ...[add, remove, status, stats],
  ],
  examples: [
    ['tetra rules check rules/', 'Show all errors of the rules in a folder'],
    ['tetra rules test rules/ --log events.json', 'Show what they find in recorded events'],
    ['tetra rules add shell.yml', 'Put the rules of a file into force'],
    ['tetra rules fields process_creation', 'Show the fields that rules on programs can use'],
  ],
})
