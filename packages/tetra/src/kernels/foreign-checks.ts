import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { KernelCheck } from '@tetragon-ts/compiler/kernel-description'
import { processorsVariable } from '../processors.ts'

/** Policies to check again in a process for other processors. */
export interface PolicyOperands {
  readonly operands: readonly string[]
  readonly mode: string | undefined
  /** Folder with the files of a node; empty: there are none. */
  readonly root: string
  /** What standard input had; empty if it was not read. */
  readonly input: string
}

/**
 * Checks policies for kernels of other processors, in a process of its own whose compiler is for
 * them.
 * @throws Error if it fails without results
 */
export async function checkForeign(
  architecture: string,
  files: readonly string[],
  { operands, mode, root, input }: PolicyOperands,
): Promise<readonly KernelCheck[]> {
  const kernels = files.flatMap((file) => ['--kernel', file])
  const modes = mode === undefined ? [] : ['--mode', mode]
  const roots = root === '' ? [] : ['--root', root]
  const options = ['-o', 'json', ...kernels, ...modes, ...roots]
  const argv = ['tracingpolicy', 'validate', ...options, '--', ...operands]
  const env = { ...process.env, [processorsVariable]: architecture }
  const child = spawn(process.execPath, [process.argv[1], ...argv], { env })
  // It may end before it has read everything.
  child.stdin.on('error', () => {}).end(input)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  const lines = out.split('\n').filter((line) => line !== '')
  const all = lines.map((line) => JSON.parse(line) as Partial<KernelCheck>)
  const checks = all.filter((each): each is KernelCheck => each.kernel !== undefined)
  if (checks.length === 0) throw new Error(errors.trim() || `no results for ${architecture}`)
  return checks
}
