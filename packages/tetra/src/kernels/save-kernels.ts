import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DistinctKernel, escapeUnprintable } from '@tetragon-ts/api'
import type { Agents } from '../connection/agents.ts'

/** Maximum number of saved kernels: agents may claim any number. */
const savedMax = 100

/**
 * Saves the description of each kernel into a folder, from its first node.
 * @param report gets a line for each kernel that could not be saved
 * @returns the paths
 */
export async function saveKernels(
  kernels: readonly DistinctKernel[],
  agents: Agents,
  folder: string,
  report: (line: string) => void,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const saved: string[] = []
  for (const { hash, nodes } of kernels.slice(0, savedMax)) {
    try {
      saved.push(await save(await fetchKernel(hash, nodes[0], agents), folder))
    } catch (error) {
      const where = agents.hasNodes ? ` of node ${nodes[0]}` : ''
      report(escapeUnprintable(`save the kernel${where}: ${(error as Error).message}`))
    }
  }
  if (kernels.length > savedMax) report(`only ${savedMax} of ${kernels.length} kernels are saved`)
  return saved
}

async function fetchKernel(
  hash: string,
  node: string | undefined,
  agents: Agents,
): Promise<Buffer> {
  const request = { with_description: true }
  const [answer] = await agents.call('GetKernel', request, node)
  if (answer?.response === undefined) throw new Error(answer?.failure ?? 'there is no such agent')
  const bytes = Buffer.from(answer.response.description ?? '', 'base64')
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== hash) throw new Error('the description is not the one that its hash names')
  return bytes
}

/** The agent is not trusted: the name comes from a release that was checked. */
async function save(bytes: Buffer, folder: string): Promise<string> {
  const { decodeKernel } = await import('@tetragon-ts/compiler/kernel-description')
  const { release } = (await decodeKernel(bytes)).facts
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const safe = release
    .replaceAll(/[^\w.+-]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 80)
  const path = join(folder, `${safe}-${hash}.kernel`)
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
  return path
}
