import type { Command } from '../command.ts'
import { agentsOptions } from '../connection/agents-options.ts'
import { openAgents } from '../connection/open-agents.ts'
import { defineCommand } from '../define-command.ts'
import { onInterrupt } from '../events/interrupt.ts'
import { UsageError } from '../usage-error.ts'
import { takeOperands } from './operands.ts'

/** Addresses that only this machine can reach. */
const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/

/** @throws UsageError */
function listenAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`parse --listen: "${text}" is not HOST:PORT`)
  }
  if (!loopback.test(host)) {
    throw new UsageError(
      `parse --listen: ${host} can be reached from other machines: use 127.0.0.1, and ssh -L from elsewhere`,
    )
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** `tetra console` */
export const consoleCommand: Command = defineCommand({
  name: 'console',
  summary: 'Open a page with events, processes and policies in the browser',
  description:
    'Serves a page on this machine, for one browser, until it is interrupted. The printed address can\n' +
    'be used once. The page connects to the agent as tetra does: nothing new is exposed.',
  options: {
    listen: {
      kind: 'text',
      value: 'HOST:PORT',
      default: '127.0.0.1:0',
      help: 'Address of the page on this machine; port 0: a free one',
    },
    open: { kind: 'flag', help: 'Open the page in the browser' },
    'allow-changes': { kind: 'flag', help: 'Let the page add, change and delete policies' },
    ...agentsOptions,
  },
  examples: [
    ['tetra console --open', 'What happens on this machine'],
    ['tetra --cluster console --open', 'What happens on all nodes of a cluster'],
    [
      'tetra console --server-address node1:54321 --listen 127.0.0.1:8080',
      'An agent elsewhere, at a fixed port of this machine',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const { host, port } = listenAddress(values.listen)
    // Loaded on demand: other commands do not need them.
    const [{ ConsoleServer }, { openBrowser }, { pageOf }, { pageFiles }] = await Promise.all([
      import('../console/console-server.ts'),
      import('../console/open-browser.ts'),
      import('../console/page-files.ts'),
      import('@tetragon-ts/console/page'),
    ])
    using agents = await openAgents(values, streams)
    const options = { agents, page: pageOf(pageFiles), allowsChanges: values['allow-changes'] }
    const server = new ConsoleServer(options)
    const address = await server.listen(host, port)
    streams.stdout.write(`${address}\n`)
    const removeFile = values.open
      ? openBrowser(address, (reason) => streams.stderr.write(`tetra: ${reason}\n`))
      : () => {}
    await new Promise<void>((resolve) => {
      onInterrupt(resolve)
    })
    removeFile()
    await server.close()
    return 0
  },
})
