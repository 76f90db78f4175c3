import {
  duration,
  flag,
  list,
  type Options,
  text,
  type ValuesOf,
  wrongOperands,
} from '@tetragon-ts/service/options'
import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Command } from '../command.ts'
import { parseListen } from '../console/listen-address.ts'
import { TlsFiles } from '../console/listen-tls.ts'
import { parsePublicUrl } from '../console/public-url.ts'
import { defineCommand } from '../define-command.ts'
import { onInterrupt } from '../events/interrupt.ts'
import { UsageError } from '../usage-error.ts'

const options = {
  listen: text({
    value: 'ADDRESS',
    default: '127.0.0.1:0',
    help: 'HOST:PORT or unix:///PATH of the page; port 0: a free one; other hosts than this need TLS',
  }),
  'listen-tls-cert-file': text({
    value: 'FILE',
    help: 'Certificate of the page, PEM; enables TLS',
  }),
  'listen-tls-key-file': text({ value: 'FILE', help: 'Its private key, PEM' }),
  'public-url': text({
    value: 'URL',
    help: 'Address that browsers open if a proxy is between them and the page',
  }),
  'token-review': flag({
    help: 'Ask the cluster about the token of each request, instead of an address for one browser',
  }),
  open: flag({ help: 'Open the page in the browser' }),
  since: duration({
    default: '1h',
    help: 'How much of the past a page starts with, as far as the agent keeps it; 0s: nothing',
  }),
  'allow-changes': flag({ help: 'Let the page add, change and delete policies' }),
  log: list({
    value: 'FILE...',
    keepsCommas: true,
    help: 'Show recorded events (JSON, may be compressed by gzip) instead of those of an agent',
  }),
  ...agentsOptions,
} as const satisfies Options

/** Options that files of events leave without effect. */
const needAgents = [
  ...['server-address', 'cluster', 'allow-changes'],
  ...['tls-ca-cert-files', 'tls-cert-file', 'tls-key-file', 'tls-server-name'],
] as const

/** Files of events, which do not need an agent. @throws UsageError */
function recordedFiles(
  values: ValuesOf<typeof options>,
  operands: readonly string[],
): readonly string[] {
  if (values.log.length === 0) {
    const wrong = wrongOperands('', operands)
    if (wrong !== undefined) throw new UsageError(`${wrong}; files need --log`)
    return []
  }
  const given = needAgents.find((name) => values[name].toString() !== '' && values[name] !== false)
  if (given !== undefined) throw new UsageError(`--${given} needs an agent: omit it with --log`)
  // Shells expand patterns to several arguments.
  return [...values.log, ...operands]
}

/** `tetra console` */
export const consoleCommand: Command = defineCommand({
  name: 'console',
  operands: '[FILE...]',
  summary: 'Open a page with events, processes and policies in the browser',
  description:
    'Serves a page on this machine, for one browser, until it is interrupted. The printed address can\n' +
    'be used once. The page connects to the agent as tetra does: nothing new is exposed.\n' +
    'With --token-review it serves all users with the right to see it, behind a proxy that adds a token\n' +
    'of the cluster to each request.',
  options,
  examples: [
    ['tetra console --open', 'What happens on this machine'],
    ['tetra --cluster console --open', 'What happens on all nodes of a cluster'],
    [
      'tetra console --server-address node1:54321 --listen 127.0.0.1:8080',
      'An agent elsewhere, at a fixed port of this machine',
    ],
    [
      'tetra console --open --log tetragon.log tetragon-*.log.gz',
      'What happened, from the files that Tetragon has exported',
    ],
    [
      'tetra console --listen unix:///run/console/socket --public-url http://localhost:8080',
      'On a machine that is reached by ssh -L 8080:/run/console/socket',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    const files = recordedFiles(values, operands)
    const tls = TlsFiles.of(values['listen-tls-cert-file'], values['listen-tls-key-file'])
    const listen = parseListen(values.listen, tls !== undefined)
    const publicUrl = parsePublicUrl(values['public-url'], listen)
    // Loaded on demand: other commands do not need them.
    const [
      { accessOfOptions },
      { AgentEvents },
      { ConsoleServer },
      { RecordedEvents },
      { openBrowser },
      { pageOf },
      { pageFiles },
    ] = await Promise.all([
      import('../console/access-of-options.ts'),
      import('../console/agent-events.ts'),
      import('../console/console-server.ts'),
      import('../console/recorded-events.ts'),
      import('../console/open-browser.ts'),
      import('../console/page-files.ts'),
      import('@tetragon-ts/console/page'),
    ])
    const accessFor = accessOfOptions(values)
    using agents = files.length === 0 ? await openAgents(values, streams) : undefined
    const source = agents ? new AgentEvents(agents) : await RecordedEvents.find(files)
    const options = {
      source,
      page: pageOf(pageFiles),
      allowsChanges: values['allow-changes'],
      pastMs: values.since,
    }
    const server = new ConsoleServer(options, tls?.identity)
    const address = await server.listen(listen, publicUrl, accessFor)
    const unfollow = tls?.follow((identity) => server.renew(identity))
    streams.stdout.write(`${address}\n`)
    const removeFile = values.open
      ? openBrowser(address, (reason) => streams.stderr.write(`tetra: ${reason}\n`))
      : () => {}
    await new Promise<void>((resolve) => {
      onInterrupt(resolve)
    })
    removeFile()
    unfollow?.()
    await server.close()
    return 0
  },
})
