import { rename, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { text } from '@tetragon-ts/service/options'
import { collectAgent } from '../bugtool/agent-pieces.ts'
import { Collector } from '../bugtool/collector.ts'
import { collectHost } from '../bugtool/host-pieces.ts'
import { tarArchive } from '../bugtool/tar.ts'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { connectionSettings } from '../connection/settings.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'

const folder = 'tetragon-bugtool'

/** Writes a file, atomically and readable only by its owner. */
async function writeArchive(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}`
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new Error(`write archive: ${(error as Error).message}`)
  }
}

/** `tetra bugtool` */
export const bugtool: Command = defineCommand({
  name: 'bugtool',
  summary: 'Collect diagnostic data of agent and machine in an archive',
  description:
    'Collects information from the agent, its files on this machine, and properties of the machine.\n' +
    'Text that looks like a password, token or key is removed. Check the archive before you share\n' +
    'it: it contains command lines and file names. missing.txt lists what could not be collected.',
  options: {
    out: text({ short: 'o', value: 'FILE', default: `${folder}.tar.gz`, help: 'Archive to write' }),
    bpftool: text({ value: 'FILE', default: 'bpftool', help: 'The program bpftool' }),
    gops: text({ value: 'FILE', hidden: true, help: 'Not used' }),
    ...connectionOptions,
  },
  examples: [
    ['tetra bugtool', 'Write tetragon-bugtool.tar.gz'],
    ['tetra bugtool -o /tmp/fault.tar.gz && tar tf /tmp/fault.tar.gz', 'List its contents'],
  ],
  run: async ({ values, streams }) => {
    const { address } = connectionSettings({ ...values, debug: false })
    const collector = new Collector()
    await collector.json('bugtool.json', async () => ({
      time: new Date().toISOString(),
      agent: address,
      arguments: process.argv.slice(2),
    }))
    await collector.take('agent/version', () =>
      withAgent(values, async (agent) => {
        // If this fails, there is no reason to try anything else.
        const { version = '' } = await agent.call('GetVersion', {})
        await collectAgent(agent, address, collector)
        return `${version}\n`
      }),
    )
    await collectHost(collector, values.bpftool)
    const missing = Buffer.from(collector.missing.map((line) => `${line}\n`).join(''))
    const files = [...collector.files, { name: 'missing.txt', content: missing }]
    const inFolder = files.map(({ name, content }) => ({ name: `${folder}/${name}`, content }))
    const archive = tarArchive(inFolder, Math.floor(Date.now() / 1000))
    await writeArchive(values.out, await promisify(gzip)(archive))
    const lacking = collector.missing.length
    const note = lacking === 0 ? '' : `; ${lacking} pieces could not be collected, see missing.txt`
    streams.stdout.write(`${values.out}: ${files.length} files${note}\n`)
    return 0
  },
})
