import { chartFolder } from './chart-values.ts'
import { compareValues } from './comparison.ts'
import { valuesPage } from './page.ts'
import { valuesSchema } from './schema.ts'
import { withoutEffect } from './without-effect.ts'

/** Files that are generated from the values, with their content. */
export function generatedFiles(): readonly { readonly file: URL; readonly text: string }[] {
  const { values } = compareValues()
  const json = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`
  const page = new URL('../../../docs/reference/helm-values.md', import.meta.url)
  return [
    { file: page, text: valuesPage(values) },
    { file: new URL('values.schema.json', chartFolder), text: json(valuesSchema(values)) },
    { file: new URL('files/without-effect.json', chartFolder), text: json(withoutEffect(values)) },
  ]
}
