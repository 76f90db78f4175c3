import { type FieldExplanation, fieldFacts, fieldLimits } from '@tetragon-ts/policy/schema'

/** The documentation of a field, as `tetra explain` has it. @param path with the names around it */
export function fieldDocumentation(field: FieldExplanation, path = field.name): HTMLElement {
  const box = document.createElement('div')
  for (const text of [`${path} ${fieldFacts(field)}`, field.description, fieldLimits(field)]) {
    if (text === '') continue
    const paragraph = document.createElement('p')
    paragraph.textContent = text
    box.append(paragraph)
  }
  return box
}
