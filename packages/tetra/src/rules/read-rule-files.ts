import { open } from 'node:fs/promises'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { LinkedRules, RuleDiagnostic, RuleItem } from '@tetragon-ts/rules'
import type { Streams } from '../command.ts'
import { policyFiles, readPolicyText } from '../policy-text/read-policy.ts'

/** A larger file is not read: the reader of rules would refuse it. */
const largestFile = 32 * 1024 * 1024

/** Rules of several files. */
export interface ReadRuleFiles {
  readonly linked: LinkedRules
  /** Errors and warnings, with the text of their file if it was read. */
  readonly diagnostics: readonly (RuleDiagnostic & { readonly text?: string })[]
  /** Files that could not be read. */
  readonly unreadable: number
}

/** Reads the rules of files and folders; `-` is standard input. Unreadable files are reported. */
export async function readRuleFiles(
  paths: readonly string[],
  { stdin, stderr }: Streams,
): Promise<ReadRuleFiles> {
  // Loaded on demand: it is slow to load.
  const { linkRules, readRules } = await import('@tetragon-ts/rules')
  const items: RuleItem[] = []
  const diagnostics: (RuleDiagnostic & { readonly text?: string })[] = []
  let unreadable = 0
  for (const path of await policyFiles(paths)) {
    try {
      await refuseLarge(path)
      const text = await readPolicyText(path, stdin)
      const read = readRules(text, path === '-' ? '<stdin>' : path)
      items.push(...read.items)
      diagnostics.push(...read.diagnostics.map((each) => ({ ...each, text })))
    } catch (error) {
      unreadable++
      stderr.write(`tetra: ${escapeUnprintable((error as Error).message)}\n`)
    }
  }
  const linked = linkRules(items)
  return { linked, diagnostics: [...diagnostics, ...linked.diagnostics], unreadable }
}

async function refuseLarge(path: string): Promise<void> {
  if (path === '-') return
  const file = await open(path).catch((error: Error) => {
    throw new Error(`read rules: ${error.message}`)
  })
  try {
    const { size } = await file.stat()
    if (size > largestFile) throw new Error(`read rules: ${path} is larger than 32 MiB`)
  } finally {
    await file.close()
  }
}

/** Prints diagnostics as text. @returns the number of errors */
export async function printDiagnostics(
  { diagnostics, unreadable }: ReadRuleFiles,
  output: Streams['stdout'],
): Promise<number> {
  const { formatDiagnostic, formatDiagnostics } = await import('@tetragon-ts/policy')
  const byText = new Map<string | undefined, RuleDiagnostic[]>()
  for (const { text, ...each } of diagnostics) {
    const others = byText.get(text)
    if (others === undefined) byText.set(text, [each])
    else others.push(each)
  }
  // The text of a file may have a million lines: it is split once.
  for (const [text, of] of byText) {
    const shown =
      text === undefined
        ? of.map((each) => formatDiagnostic(each)).join('\n')
        : formatDiagnostics(of, text)
    output.write(`${shown}\n`)
  }
  return diagnostics.filter(({ severity }) => severity === 'error').length + unreadable
}
