import { readFile } from 'node:fs/promises'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { UsageError } from '../usage-error.ts'

/** `tetra version` */
export const version: Command = defineCommand({
  name: 'version',
  summary: 'Show the version of tetra',
  options: {},
  run: async ({ operands, streams }) => {
    if (operands.length > 0) throw new UsageError(`unexpected argument "${operands[0]}"`)
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
    const { version: number } = JSON.parse(text) as { version: string }
    streams.stdout.write(`CLI version: ${number}\n`)
    return 0
  },
})
