import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Streams } from '../command.ts'

/** Reads a file, or standard input for `-`. @throws Error that names the file */
export async function readPolicyText(path: string, stdin: Streams['stdin']): Promise<string> {
  if (path === '-') return (await buffer(stdin)).toString('utf8')
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`read policy: ${(error as Error).message}`)
  }
}

/**
 * Files at these paths: for a folder, all YAML files in it and its subfolders, sorted.
 * @throws Error that names a missing path
 */
export async function policyFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    // Missing files are reported when they are read.
    const isFolder = path !== '-' && (await stat(path).catch(() => undefined))?.isDirectory()
    if (!isFolder) {
      files.push(path)
      continue
    }
    const names = await readdir(path, { recursive: true }).catch((error: Error) => {
      throw new Error(`read policy: ${error.message}`)
    })
    const found = names.filter((name) => /\.ya?ml$/.test(name)).sort()
    if (found.length === 0) throw new Error(`read policy: ${path} has no YAML files`)
    files.push(...found.map((name) => join(path, name)))
  }
  return files
}
