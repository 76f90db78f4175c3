import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../../vm/repository.ts'

/** Folder with the blocks. */
export const blockFolder = join(repositoryRoot, 'test/cluster/walk-through/blocks')

/** Commands of the walk-through and what it shows of their output. */
export interface Block {
  readonly command: string
  /** Lines; `...` stands for any lines. */
  readonly output: readonly string[]
}

/** Reads a block: lines that start with `$ ` are commands. */
export function readBlock(name: string): Block {
  const lines = readFileSync(join(blockFolder, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n')
  const commands = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  const output = lines.filter((line) => !line.startsWith('$ '))
  return { command: commands.join('\n'), output }
}
