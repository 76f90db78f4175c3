import type { Document, Node, Scalar, YAMLMap } from 'yaml'
import { writtenKey } from './written-key.ts'

export const policyModes = ['enforce', 'monitor'] as const
export type PolicyMode = (typeof policyModes)[number]

const option = 'policy-mode'

/**
 * Sets the mode of a policy text with the option `policy-mode`. Lines before the option stay as
 * they are, also comments, so that positions in errors are those of the file; only a text whose
 * options are written in an unusual way is written anew.
 * @throws Error if the text is not a policy
 */
export async function withMode(text: string, mode: PolicyMode): Promise<string> {
  const { isMap, isSeq, parseDocument, YAMLMap } = await import('../parse/yaml-documents.ts')
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new Error(`set mode: parse YAML: ${error.message}`)
  const contents: unknown = document.contents
  const spec = isMap(contents) ? contents.get(writtenKey(contents, 'spec')) : undefined
  if (!isMap(spec)) throw new Error('set mode: not a policy: no spec')
  const optionsKey = writtenKey(spec, 'options')
  const options = spec.get(optionsKey) ?? document.createNode([])
  if (!isSeq(options)) throw new Error('set mode: spec.options is not a list')
  const found = options.items.find((item) => {
    return isMap(item) && item.get(writtenKey(item, 'name')) === option
  })
  const entry = (found ?? new YAMLMap()) as YAMLMap
  const valueKey = writtenKey(entry, 'value')
  const value = entry.get(valueKey, true) as Scalar | undefined
  const lines = [`- name: ${option}`, `  value: ${mode}`]
  let changed: string | undefined
  if (value !== undefined) changed = replaced(text, value, mode)
  else if (found === undefined && !options.flow && options.items.length > 0) {
    changed = appended(text, options.items as Node[], '-', lines)
  } else if (!spec.flow && !spec.has(optionsKey)) {
    changed = appended(text, [spec], '', ['options:', ...lines])
  }

  entry.set(writtenKey(entry, 'name'), option)
  entry.set(valueKey, mode)
  if (found === undefined) options.add(entry)
  spec.set(optionsKey, options)
  const isEqual = changed !== undefined && dataOf(parseDocument(changed)) === dataOf(document)
  return isEqual ? changed! : document.toString()
}

/** What a document says; undefined for one with errors. */
function dataOf(document: Document.Parsed): string | undefined {
  return document.errors.length > 0 ? undefined : JSON.stringify(document.toJS())
}

/** The text with another value instead of a node. */
function replaced(text: string, { range }: Node, value: string): string | undefined {
  return range ? text.slice(0, range[0]) + value + text.slice(range[1]) : undefined
}

/**
 * The text with further lines after some nodes, in the column of the first one.
 * @param sign what is before each node, in the column of which the lines begin
 */
function appended(
  text: string,
  nodes: readonly Node[],
  sign: string,
  lines: readonly string[],
): string | undefined {
  const start = nodes[0].range?.[0]
  const end = nodes.at(-1)?.range?.[1]
  if (start === undefined || end === undefined) return undefined
  const column = start - (text.lastIndexOf('\n', start - 1) + 1)
  const line = text.slice(start - column, start)
  const indent = ' '.repeat(sign === '' ? column : line.lastIndexOf(sign))
  const last = text.slice(0, end).trimEnd().length
  const newline = text.indexOf('\n', last)
  const at = newline < 0 ? text.length : newline
  return `${text.slice(0, at)}\n${lines.map((each) => indent + each).join('\n')}${text.slice(at)}`
}
