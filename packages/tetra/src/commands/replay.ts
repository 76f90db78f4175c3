import { hostname } from 'node:os'
import {
  clientAddress,
  isLocal,
  type ListenAddress,
  parseAddress,
} from '@tetragon-ts/service/listen'
import { BadValue, duration, text } from '@tetragon-ts/service/options'
import type { Command, Streams } from '../command.ts'
import { ownVersion } from '../connection/own-version.ts'
import { placeSocket } from '../console/socket-file.ts'
import { defineCommand } from '../define-command.ts'
import { onInterrupt } from '../events/interrupt.ts'
import { Recording, ReplaySummary } from '../replay/recording.ts'
import { replayLines } from '../replay/replay-lines.ts'
import { UsageError } from '../usage-error.ts'

/** `tetra replay` */
export const replay: Command = defineCommand({
  name: 'replay',
  summary: 'Play recorded events',
  operands: 'FILE...',
  description:
    'Plays exported events (JSON lines, may be compressed by gzip) in order of time, with the pauses\n' +
    'that were between them: to standard output, to clients as an agent would, or to a receiver of\n' +
    'the --output option of tetragon. Each client gets all events from the beginning. A receiver that\n' +
    'is slower than the recording is waited for. Nothing is replayed into the kernel.',
  options: {
    speed: text({
      value: 'FACTOR',
      default: '1',
      help: 'How many times faster than it happened; max: as fast as the events are read',
    }),
    'max-pause': duration({
      default: '10s',
      help: 'Longest pause between two events: longer ones are cut',
    }),
    to: text({
      value: 'PLACE',
      help: 'unix:///PATH or HOST:PORT to serve clients, of this machine only, or NAME=URL of an output',
    }),
  },
  examples: [
    ['tetra replay tetragon.log | tetra getevents -o compact', 'See once more what happened'],
    [
      'tetra replay --speed max --to unix:///run/replay.sock tetragon*.log*',
      'Serve the events of all rotated files to a client under test',
    ],
    [
      "tetra replay --to 'siem=syslog+tcp://127.0.0.1:601' tetragon.log",
      'Try the pipeline of a SIEM with real events',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    const tempo = { speed: readSpeed(values.speed), pauseMax: values['max-pause'] }
    const place = values.to === '' ? undefined : await readPlace(values.to)
    const recording = await Recording.find(operands, tempo)
    const end = new AbortController()
    const restore = onInterrupt(() => end.abort())
    const play = { recording, streams, signal: end.signal }
    try {
      if (place === undefined) return await print(play)
      return typeof place === 'string' ? await send(play, place) : await serve(play, place)
    } finally {
      restore()
    }
  },
})

interface Play {
  readonly recording: Recording
  readonly streams: Streams
  readonly signal: AbortSignal
}

async function print({ recording, streams, signal }: Play): Promise<number> {
  const summary = new ReplaySummary()
  const end = await replayLines(recording, streams.stdout, summary, signal)
  if (end === 'input_ended') streams.stderr.write(`tetra: ${summary.text}\n`)
  return summary.exitCode
}

async function send({ recording, streams, signal }: Play, output: string): Promise<number> {
  const { replayToOutput } = await import('../replay/replay-output.ts')
  const summary = new ReplaySummary()
  const say = (message: string): void => void streams.stderr.write(`tetra: ${message}\n`)
  const sender = { nodeName: hostname(), version: ownVersion(), warn: say }
  const status = await replayToOutput(recording, output, sender, summary, signal)
  const { sent, refused, retried, lost } = status
  const missing = lost.reduce((sum, each) => sum + each, 0)
  say(`${summary.text}: ${sent} sent, ${refused} refused, ${retried} retried, ${missing} not sent`)
  return refused + missing > 0 ? 1 : summary.exitCode
}

async function serve(
  { recording, streams, signal }: Play,
  address: ListenAddress,
): Promise<number> {
  const { ReplayServer } = await import('../replay/replay-server.ts')
  const say = (message: string): void => void streams.stderr.write(`tetra: ${message}\n`)
  const observer = { ended: ({ text }: ReplaySummary) => say(text) }
  const version = ownVersion()
  const server = await ReplayServer.start(recording, version, observer, address, placeSocket)
  const option = `--server-address ${clientAddress(address)}`
  say(`serves recorded events until Ctrl-C: tetra getevents ${option}`)
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  await server.close()
  return 0
}

/** @throws UsageError */
function readSpeed(factor: string): number {
  if (factor === 'max') return Number.POSITIVE_INFINITY
  const speed = /^\d+(\.\d+)?$/.test(factor) ? Number(factor) : 0
  if (speed > 0) return speed
  throw new UsageError(`--speed: invalid factor "${factor}" (expected a number above 0, or max)`)
}

/** Where to replay to: the text of an output, or an address to serve. @throws UsageError */
async function readPlace(place: string): Promise<string | ListenAddress> {
  try {
    if (/^[a-z0-9-]+=/.test(place)) {
      const { readOutput } = await import('@tetragon-ts/outputs')
      if (readOutput(place).values.spool === 0) return place
      throw new BadValue('only an agent keeps events on disk: leave spool out')
    }
    const address = parseAddress(place)
    if (isLocal(address)) return address
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    throw new UsageError(`--to: ${error.message}`)
  }
  const why = 'recorded events are served to this machine only (unix:///PATH or 127.0.0.1:PORT)'
  throw new UsageError(`--to: ${why}, not at "${place}"; an output is NAME=URL`)
}
