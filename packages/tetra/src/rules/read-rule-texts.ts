import { open } from 'node:fs/promises'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { Streams } from '../command.ts'
import { policyFiles, readPolicyText } from '../policy-text/read-policy.ts'

/** A larger file is not read: the reader of rules would refuse it. */
const largestFile = 32 * 1024 * 1024

/** Texts of files. */
export interface RuleTexts {
  readonly files: readonly { readonly text: string; readonly file: string }[]
  /** Files that could not be read. */
  readonly unreadable: number
}

/** Reads files and the files of folders; `-` is standard input. Unreadable files are reported. */
export async function readRuleTexts(
  paths: readonly string[],
  { stdin, stderr }: Streams,
): Promise<RuleTexts> {
  const files: { text: string; file: string }[] = []
  let unreadable = 0
  for (const path of await policyFiles(paths)) {
    try {
      await refuseLarge(path)
      const text = await readPolicyText(path, stdin)
      files.push({ text, file: path === '-' ? '<stdin>' : path })
    } catch (error) {
      unreadable++
      stderr.write(`tetra: ${escapeUnprintable((error as Error).message)}\n`)
    }
  }
  return { files, unreadable }
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
