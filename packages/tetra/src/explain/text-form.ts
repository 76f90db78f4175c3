import type { Explanation, FieldExplanation } from './explanation.ts'

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

/** Facts besides the type: `-required-`, the default, values or bounds. */
function facts(field: FieldExplanation): string {
  const required = field.required ? ' -required-' : ''
  const value = field.default === undefined || field.default === '' ? '' : ` (${field.default})`
  return `<${field.type}>${required}${value}`
}

function limits({ enum: values, minimum, maximum, type }: FieldExplanation): string {
  if (values !== undefined) return `One of: ${values.join(', ')}`
  // Bounds of the type itself are not shown.
  if (minimum === undefined || (minimum === 0 && maximum === 0xffff_ffff)) return ''
  return type.endsWith('integer') ? `From ${minimum} to ${maximum}` : ''
}

function detailed(field: FieldExplanation): string {
  const more = limits(field)
  return (
    `   ${field.name}\t${facts(field)}\n${wrap(field.description, '     ')}` +
    (more === '' ? '' : wrap(more, '     '))
  )
}

function tree(fields: readonly FieldExplanation[], indent: string): string {
  return fields
    .map(
      (field) =>
        `${indent}${field.name}\t${facts(field)}\n${tree(field.fields ?? [], `${indent}  `)}`,
    )
    .join('')
}

/** The text form of the original's `tetra explain`, with defaults, values and bounds added. */
export function textForm(explanation: Explanation, recursive: boolean): string {
  const { version, kind, path, name, description, fields = [] } = explanation
  const more = limits(explanation)
  const field = path === '' ? '' : `FIELD:    ${name} ${facts(explanation)}\n\n`
  const list = recursive ? tree(fields, '   ') : fields.map(detailed).join('\n')
  return (
    `KIND:     ${kind}\nVERSION:  ${version}\n\n${field}` +
    `DESCRIPTION:\n${wrap(description, '     ')}${more === '' ? '' : `\n${wrap(more, '     ')}`}` +
    (fields.length === 0 ? '' : `\nFIELDS:\n${list}`)
  )
}
