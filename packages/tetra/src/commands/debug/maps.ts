import type { KernelMap } from '@tetragon-ts/api'
import { choice, integer, text } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { humanBytes, tableLines } from '../../table.ts'
import { UsageError } from '../../usage-error.ts'

const heads = ['ID', 'NAME', 'TYPE', 'POLICY', 'KEY', 'VALUE', 'MAXENTRIES', 'MEMORY']
const numbers = new Set([0, 4, 5, 6, 7])

function row(map: KernelMap): string[] {
  const { id = 0, key_bytes = 0, value_bytes = 0, max_entries = 0, memory_bytes = 0 } = map
  return [
    String(id),
    map.name ?? '',
    map.type ?? '',
    map.policy ?? '',
    String(key_bytes),
    String(value_bytes),
    String(max_entries),
    humanBytes(Number(memory_bytes)),
  ]
}

/** `tetra debug maps` */
export const maps = defineCommand({
  name: 'maps',
  parent: 'debug',
  summary: "Show the agent's maps in the kernel, the largest first",
  options: {
    lines: integer({
      min: 0,
      max: 999_999,
      short: 'n',
      value: 'COUNT',
      default: '10',
      help: 'Maps to show; 0 shows all',
    }),
    output: choice({
      short: 'o',
      value: 'FORMAT',
      default: 'tab',
      choices: ['tab', 'json'],
      help: 'Output format; json is about all maps',
    }),
    path: text({
      value: 'FOLDER',
      hidden: true,
      help: 'Where maps are pinned; this agent pins none by name',
    }),
    ...connectionOptions,
  },
  examples: [
    ['tetra debug maps', 'The largest maps'],
    [`tetra debug maps -o json | jq '.maps[] | select(.policy == "one")'`, 'Maps of a policy'],
  ],
  run: async ({ values, streams }) => {
    if (values.path !== '') {
      throw new UsageError(
        'parse --path: this agent pins no maps; omit the option to query the agent',
      )
    }
    const response = await withAgent(values, (agent) => agent.call('GetMaps', {}))
    const size = ({ memory_bytes = 0 }: KernelMap): number => Number(memory_bytes)
    const all = (response.maps ?? []).toSorted((a, b) => size(b) - size(a))
    if (values.output === 'json') {
      streams.stdout.write(jsonLine({ maps: all }))
      return 0
    }
    const shown = all.slice(0, values.lines || undefined)
    const total = all.reduce((sum, map) => sum + size(map), 0)
    const lines = tableLines([heads, ...shown.map(row)], numbers)
    streams.stdout.write(`${lines.join('\n')}\n${all.length} maps, ${humanBytes(total)}\n`)
    return 0
  },
})
