import { rmSync } from 'node:fs'
import { type OutputOptions, Redaction } from '@tetragon-ts/agent/reader'
import type { Benchmark } from './benchmark.ts'
import { change, count, figure, goal, median } from './figures.ts'
import { type Trial, trial } from './ring/trial.ts'
import { WorkFiles } from './work-files.ts'

const ringSize = 1 << 24
/** Processes per second: half of what the reader can take. */
const rate = 60_000
const seconds = 3
const rounds = 3
const largestFile = 1 << 26
/** Arguments of the load, in JSON form. */
const text =
  '-quiet -I ../../include -D NDEBUG=1 -D VERSION=\\"6.18\\" main.c -mtune=generic -march=x86-64 -O2'
const unseenTexts = 200_000
/** Maximum slowdown by filters and redaction together. */
const slowest = 1.2

const allow = [
  { binary_regex: ['^/usr/', '^/opt/'] },
  { event_set: ['PROCESS_KPROBE', 'PROCESS_TRACEPOINT'] },
]
const deny = [
  { binary_regex: ['/(kubelet|containerd-shim)$'], arguments_regex: ['--health'] },
  { parent_binary_regex: ['/cron$'], event_set: ['PROCESS_EXIT'] },
  { pid: [1] },
]
const redaction = [
  { redact: ['(?:--password|--token)(?:\\s+|=)(\\S+)', '(?i)secret[^=]*=(\\S+)'] },
  { redact: ['-p(\\S+)'], binary_regex: ['/mysql(dump)?$'] },
]
const nothing = { allow: [], deny: [], fieldFilters: [], hasExtensions: true, rateLimit: undefined }
const isLet = { ...nothing, allow, deny }

/** Enabled options; all events of the load pass. */
const states: readonly (readonly [name: string, output: OutputOptions])[] = [
  ['nothing', {}],
  ['filters', { export: isLet }],
  ['redaction', { redaction }],
  ['filters and redaction', { export: isLet, redaction }],
  ['filters that match nothing', { export: { ...nothing, deny: [{ binary_regex: ['/cc1$'] }] } }],
  [
    'three fields only',
    {
      export: {
        ...nothing,
        fieldFilters: [{ fields: 'process.exec_id,process.binary,process.arguments' }],
      },
    },
  ],
]
const judged = 'filters and redaction'

/** Cost of the export's filters and redaction. */
export const exportFilters: Benchmark = {
  name: 'export-filters',
  summary: 'cost of filters, redaction and field selection in the export',
  run: async ({ progress }) => {
    using files = new WorkFiles()
    const file = files.path('events.json')
    const found = new Map<string, Trial[]>(states.map(([name]) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, output] of states) {
        rmSync(file, { force: true })
        const options = { rate, seconds, ringSize, file, thread: 'agent', largestFile } as const
        const result = await trial({ ...options, output })
        found.get(name)?.push(result)
        progress(`${name}: ${figure(result.threadNs / result.events)} ns per event`)
      }
    }
    const costs = new Map(
      [...found].map(([name, trials]) => [
        name,
        median(trials.map(({ threadNs, events }) => threadNs / events)),
      ]),
    )
    const plain = costs.get('nothing') ?? Number.NaN
    const rows = states.map(([name]) => {
      const ns = costs.get(name) ?? Number.NaN
      const trials = found.get(name) ?? []
      const passed = trials.every(({ exported, events }) => exported === events)
      const share = median(trials.map(({ exported, events }) => exported / events))
      const isJudged = name === judged
      return [
        name,
        figure(ns),
        name === 'nothing' ? '' : change(plain, ns),
        passed ? 'all' : `${(share * 100).toFixed(0)} %`,
        isJudged ? goal('at most 20 % slower', ns <= plain * slowest) : '',
      ]
    })
    const lost = [...found.values()].flat().reduce((sum, each) => sum + each.lost, 0)
    return {
      tables: [
        {
          title:
            `CPU time of the reader thread per event, ns, at ${count(rate)} processes ` +
            `per second (medians of ${rounds} alternating rounds)`,
          head: ['switched on', 'ns per event', 'change', 'events exported', 'goal'],
          rows,
        },
      ],
      notes: [
        'Filters: two that allow, three that deny, with patterns for binaries, arguments and parents; ' +
          'redaction: three patterns, none of which matches, as usual.',
        `The load has the same arguments all the time. New arguments cost redaction ` +
          `${figure(unseenNs())} ns for each program.`,
        `Records lost: ${lost}.`,
      ],
    }
  },
}

/** CPU time of redaction for new arguments, in nanoseconds. */
function unseenNs(): number {
  const hide = new Redaction(redaction)
  const noBytes = new Uint8Array()
  const began = process.cpuUsage().user
  for (let i = 0; i < unseenTexts; i++) {
    const image = `,"cwd":"/","binary":"/usr/bin/cc1","arguments":"${text} ${i}"`
    hide.redactImage(image, { bytes: noBytes, from: 0, to: 0 })
  }
  return ((process.cpuUsage().user - began) * 1000) / unseenTexts
}
