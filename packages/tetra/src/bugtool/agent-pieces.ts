import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { GetInfoResponse } from '@tetragon-ts/api'
import type { AgentClient } from '../connection/agent-client.ts'
import { infoFile } from '../connection/agent-info.ts'
import type { Collector } from './collector.ts'

/** Information that the agent writes for others; see `tetragon-info.json`. */
interface AgentFile {
  readonly export_fname?: string
  readonly metrics_address?: string
  readonly pid?: number
}

/** Files in /proc about the agent's process. */
const processFiles = ['status', 'limits', 'cgroup', 'maps', 'mountinfo', 'schedstat']

/** Files are named after policies; characters that are invalid in file names are removed. */
const fileName = (text: string): string => text.replace(/[^\w.-]+/g, '_').slice(0, 60)

async function fetchText(address: string): Promise<string> {
  const host = address.replace(/^:/, 'localhost:')
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    get(`http://${host}/metrics`, { timeout: 5000 }, resolve).on('error', reject)
  })
  return text(response)
}

/** The programs of the agent twice, a second apart, with run statistics. */
async function programs(agent: AgentClient): Promise<unknown[]> {
  const stop = new AbortController()
  const responses: unknown[] = []
  for await (const response of agent.watch('WatchPrograms', { interval: '1s' }, stop.signal)) {
    if (responses.push(response) === 2) break
  }
  return responses
}

async function policies(agent: AgentClient, collector: Collector): Promise<void> {
  await collector.json('agent/tracing-policies.json', () =>
    agent.call('ListTracingPolicies', { rules: true }),
  )
  await collector.json('agent/policies.json', async () => {
    const response = await agent.call('GetPolicies', {})
    for (const { name = '', namespace = '', domain = '', yaml = '' } of response.policies ?? []) {
      const path = [domain, namespace, name].filter(Boolean).map(fileName).join('.')
      await collector.take(`agent/policies/${path}.yaml`.slice(0, 100), async () => yaml)
    }
    return response.policies?.map(({ name, namespace, domain }) => ({ name, namespace, domain }))
  })
}

async function collectInfo(agent: AgentClient, collector: Collector): Promise<GetInfoResponse> {
  let info: GetInfoResponse = {}
  await collector.json('agent/info.json', async () => {
    info = await agent.call('GetInfo', {})
    return info
  })
  await collector.json('agent/health.json', () => agent.call('GetHealth', {}))
  await collector.json('agent/losses.json', () => agent.call('GetLosses', {}))
  await policies(agent, collector)
  await collector.json('agent/processcache.json', () =>
    agent.call('GetDebug', { flag: 'CONFIG_FLAG_DUMP_PROCESS_CACHE', dump: {} }),
  )
  await collector.json('agent/execve-map.json', () => agent.call('GetProcessTable', {}))
  await collector.json('agent/maps.json', () => agent.call('GetMaps', {}))
  await collector.json('agent/programs.json', () => programs(agent))
  return info
}

/** Collects data from the agent, and its files on this machine. */
export async function collectAgent(
  agent: AgentClient,
  address: string,
  collector: Collector,
): Promise<void> {
  const info = await collectInfo(agent, collector)
  const beside = address.startsWith('unix://') ? dirname(address.slice('unix://'.length)) : ''
  const path = beside === '' ? infoFile : join(beside, 'tetragon-info.json')
  let file: AgentFile = {}
  await collector.take('agent/tetragon-info.json', async () => {
    const content = await readFile(path, 'utf8')
    file = JSON.parse(content) as AgentFile
    return content
  })
  const setting = (name: string): string => {
    const value = info.conf?.find(({ key }) => key === name)?.value?.value
    return typeof value === 'string' ? value : ''
  }
  if (file.export_fname) await collector.log('agent/export.log', file.export_fname)
  if (setting('log-file') !== '') await collector.log('agent/agent.log', setting('log-file'))
  if (file.metrics_address) {
    const { metrics_address } = file
    await collector.take('agent/metrics.txt', () => fetchText(metrics_address))
  }
  if (file.pid === undefined) return
  for (const name of processFiles) {
    await collector.file(`agent/process/${name}`, `/proc/${file.pid}/${name}`)
  }
}
