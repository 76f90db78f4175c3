import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { Streams } from '../../command.ts'

/** Reads a file, or standard input where its name is `-`. @throws Error that names the file */
export async function readPolicyText(path: string, stdin: Streams['stdin']): Promise<string> {
  if (path === '-') return (await buffer(stdin)).toString('utf8')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`read policy: ${(error as Error).message}`)
  }
}
