import type { LinkedRules, RuleDiagnostic, RuleItem } from '@tetragon-ts/rules'
import type { Streams } from '../command.ts'
import { readRuleTexts } from './read-rule-texts.ts'

/** A diagnostic with the text of its file, if it was read. */
export type ShownDiagnostic = RuleDiagnostic & { readonly text?: string | undefined }

/** Rules of several files. */
export interface ReadRuleFiles {
  readonly linked: LinkedRules
  /** Errors and warnings. */
  readonly diagnostics: readonly ShownDiagnostic[]
  /** Files that could not be read. */
  readonly unreadable: number
}

/** Reads the rules of files and folders; `-` is standard input. Unreadable files are reported. */
export async function readRuleFiles(
  paths: readonly string[],
  streams: Streams,
): Promise<ReadRuleFiles> {
  // Loaded on demand: it is slow to load.
  const { enforceRules, linkRules, readRules, withoutExpired } = await import('@tetragon-ts/rules')
  const { files, unreadable } = await readRuleTexts(paths, streams)
  const items: RuleItem[] = []
  const diagnostics: ShownDiagnostic[] = []
  for (const { text, file } of files) {
    const read = readRules(text, file)
    items.push(...read.items)
    diagnostics.push(...read.diagnostics.map((each) => ({ ...each, text })))
  }
  const linked = linkRules(items)
  const { diagnostics: ofActions } = enforceRules(withoutExpired(linked, Date.now()))
  return { linked, diagnostics: [...diagnostics, ...linked.diagnostics, ...ofActions], unreadable }
}

/** Prints diagnostics as text. @returns the number of errors */
export async function printDiagnostics(
  diagnostics: readonly ShownDiagnostic[],
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
  return diagnostics.filter(({ severity }) => severity === 'error').length
}
