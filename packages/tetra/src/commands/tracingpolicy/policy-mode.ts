import type { YAMLMap, YAMLSeq } from 'yaml'

export const policyModes = ['enforce', 'monitor'] as const
export type PolicyMode = (typeof policyModes)[number]

const option = 'policy-mode'

/**
 * Sets the mode of the policy that a text holds, as the option `policy-mode`; everything else stays
 * as it is written, comments included. @throws Error if the text is no policy
 */
export async function withMode(text: string, mode: PolicyMode): Promise<string> {
  const { isMap, isSeq, parseDocument, YAMLMap } = await import('yaml')
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new Error(`set mode: parse YAML: ${error.message}`)
  const spec = document.get('spec')
  if (!isMap(spec)) throw new Error('set mode: the text is no policy: it has no spec')
  const options = (spec.get('options') ?? document.createNode([])) as YAMLSeq
  if (!isSeq(options)) throw new Error('set mode: spec.options is no list')
  const found = options.items.find((item) => isMap(item) && item.get('name') === option)
  const entry = (found ?? new YAMLMap()) as YAMLMap
  entry.set('name', option)
  entry.set('value', mode)
  if (found === undefined) options.add(entry)
  spec.set('options', options)
  return document.toString()
}
