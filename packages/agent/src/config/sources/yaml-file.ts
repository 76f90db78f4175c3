import { readFileSync } from 'node:fs'
import { type FileEntry, type FileValues, fileValues } from '@tetragon-ts/service/options'
import { parseDocument } from 'yaml'
import { AgentError } from '../../error.ts'
import { agentTable } from '../agent-table.ts'

/**
 * Reads options from a YAML file: `name: value`, where a list may be a sequence.
 * @throws AgentError AGENT_OPTION for what cannot be read
 */
export function readYamlFile(path: string): FileValues {
  const document = parseDocument(readText(path), { logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined) throw wrong(path, error.message.split('\n')[0])
  const content: unknown = document.toJS({ maxAliasCount: 100 })
  if (content === null || content === undefined) return { given: new Map(), warnings: [] }
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw wrong(path, 'expected a mapping of options to values')
  }
  const entries = Object.entries(content).map(([name, value]): FileEntry => {
    return { name, text: textOf(path, name, value), origin: `${name} of ${path}` }
  })
  return fileValues(agentTable, entries)
}

function textOf(path: string, name: string, value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (Array.isArray(value)) {
    const separator = agentTable.options.get(name)?.separator ?? ','
    return value.map((each) => textOf(path, name, each)).join(separator)
  }
  throw wrong(path, `expected a string, number, boolean or list of them as the value of ${name}`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw wrong(path, (error as Error).message)
  }
}

function wrong(path: string, message: string): AgentError {
  return new AgentError('AGENT_OPTION', `read options from ${path}: ${message}`)
}
