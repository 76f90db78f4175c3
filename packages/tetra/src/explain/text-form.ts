import { type FieldExplanation, fieldFacts, fieldLimits } from '@tetragon-ts/policy/schema'
import type { Explanation } from './explanation.ts'

const width = 76

function wrap(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= width - indent.length) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => `${indent}${line}\n`).join('')
}

function detailed(field: FieldExplanation): string {
  const more = fieldLimits(field)
  return (
    `   ${field.name}\t${fieldFacts(field)}\n${wrap(field.description, '     ')}` +
    (more === '' ? '' : wrap(more, '     '))
  )
}

function tree(fields: readonly FieldExplanation[], indent: string): string {
  return fields
    .map(
      (field) =>
        `${indent}${field.name}\t${fieldFacts(field)}\n${tree(field.fields ?? [], `${indent}  `)}`,
    )
    .join('')
}

/** The text form of the original's `tetra explain`, with defaults, values and bounds added. */
export function textForm(explanation: Explanation, recursive: boolean): string {
  const { version, kind, path, name, description, fields = [] } = explanation
  const more = fieldLimits(explanation)
  const field = path === '' ? '' : `FIELD:    ${name} ${fieldFacts(explanation)}\n\n`
  const list = recursive ? tree(fields, '   ') : fields.map(detailed).join('\n')
  return (
    `KIND:     ${kind}\nVERSION:  ${version}\n\n${field}` +
    `DESCRIPTION:\n${wrap(description, '     ')}${more === '' ? '' : `\n${wrap(more, '     ')}`}` +
    (fields.length === 0 ? '' : `\nFIELDS:\n${list}`)
  )
}
