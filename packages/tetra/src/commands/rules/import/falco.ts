import { counted } from '../../../counted.ts'
import { defineCommand } from '../../../define-command.ts'
import { printDiagnostics } from '../../../rules/read-rule-files.ts'
import { readRuleTexts } from '../../../rules/read-rule-texts.ts'

/** `tetra rules import falco FILE…` */
export const falco = defineCommand({
  name: 'falco',
  parent: 'rules import',
  summary: "Translate Falco's rules to Sigma's format",
  operands: 'FILE|FOLDER...',
  description:
    'Files are loaded in order, as Falco loads them: later ones may append to and replace what is in\n' +
    'earlier ones. Prints a document for each rule and log source. Rules that events of a host cannot\n' +
    'answer are named with the reason on standard error. The exit code is 1 if a file cannot be read,\n' +
    'or no rule was translated.',
  options: {},
  examples: [
    [
      'tetra rules import falco falco_rules.yaml our_rules.yaml > falco.yml',
      'Translate two files, the second changes the first',
    ],
  ],
  run: async ({ operands, streams }) => {
    const { importFalco } = await import('@tetragon-ts/rules')
    const { files, unreadable } = await readRuleTexts(operands, streams)
    const { documents, counts, diagnostics } = importFalco(files)
    streams.stdout.write(documents.join('---\n'))
    const texts = new Map(files.map(({ file, text }) => [file, text]))
    const shown = diagnostics.map((each) => ({ ...each, text: texts.get(each.file) }))
    await printDiagnostics(shown, streams.stderr)
    const { translated, partly, refused, disabled } = counts
    const parts = [
      `${counted(translated, 'rule')} translated`,
      ...(partly > 0 ? [`${partly} for some of their events`] : []),
      ...(refused > 0 ? [`${refused} refused`] : []),
      ...(disabled > 0 ? [`${disabled} disabled and left out`] : []),
    ]
    streams.stderr.write(`${parts.join(', ')}\n`)
    const isBroken = diagnostics.some(({ code }) => code === 'RULE_YAML')
    return unreadable > 0 || isBroken || translated + partly === 0 ? 1 : 0
  },
})
