import type { YAMLMap, YAMLSeq } from 'yaml'
import { writtenKey } from './written-key.ts'

export const policyModes = ['enforce', 'monitor'] as const
export type PolicyMode = (typeof policyModes)[number]

const option = 'policy-mode'

/**
 * Sets the mode of a policy text with the option `policy-mode`; everything else is unchanged,
 * including comments.
 * @throws Error if the text is not a policy
 */
export async function withMode(text: string, mode: PolicyMode): Promise<string> {
  const { isMap, isSeq, parseDocument, YAMLMap } = await import('./yaml.ts')
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new Error(`set mode: parse YAML: ${error.message}`)
  const contents: unknown = document.contents
  const spec = isMap(contents) ? contents.get(writtenKey(contents, 'spec')) : undefined
  if (!isMap(spec)) throw new Error('set mode: not a policy: no spec')
  const optionsKey = writtenKey(spec, 'options')
  const options = (spec.get(optionsKey) ?? document.createNode([])) as YAMLSeq
  if (!isSeq(options)) throw new Error('set mode: spec.options is not a list')
  const found = options.items.find((item) => {
    return isMap(item) && item.get(writtenKey(item, 'name')) === option
  })
  const entry = (found ?? new YAMLMap()) as YAMLMap
  entry.set(writtenKey(entry, 'name'), option)
  entry.set(writtenKey(entry, 'value'), mode)
  if (found === undefined) options.add(entry)
  spec.set(optionsKey, options)
  return document.toString()
}
