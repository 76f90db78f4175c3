import { defineGroup } from '../../../define-group.ts'
import { falco } from './falco.ts'

/** `tetra rules import` */
export const importRules = defineGroup({
  name: 'import',
  parent: 'rules',
  summary: 'Translate rules of other tools',
  commands: [falco],
  examples: [
    ['tetra rules import falco falco_rules.yaml > falco.yml', 'Translate a file of Falco'],
  ],
})
