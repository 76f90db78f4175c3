import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'

/** The pod of an event. */
export interface EventPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly pod_labels?: Readonly<Record<string, string>>
  readonly container?: {
    readonly id: string
    readonly name: string
    readonly image?: { readonly id: string; readonly name: string }
  }
}

export interface EventProcess {
  readonly exec_id: string
  readonly binary: string
  readonly arguments?: string
  readonly docker?: string
  readonly flags: string
  readonly pod?: EventPod
}

interface Kprobe {
  readonly process: EventProcess
  readonly policy_name: string
  readonly args: readonly { readonly string_arg?: string }[]
}

/** The fields of an event that the scenarios read. */
export interface ScenarioEvent {
  readonly time: string
  readonly process_exec?: { readonly process: EventProcess }
  readonly process_exit?: { readonly process: EventProcess }
  readonly process_kprobe?: Kprobe
}

/** Values of the chart: the export has all events of the node, in one file. */
export const exportEverything = {
  hostProcPath: '/procHost',
  exportAllowList: '',
  exportDenyList: '',
  exportFileMaxSizeMB: 2000,
}

/** Lines of a file of any size, without the last one if it is incomplete. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield* lines
  }
}

/** The events of pods in the export files of the node. */
export async function nodeEvents(cluster: Cluster): Promise<ScenarioEvent[]> {
  const folder = join(cluster.folder, 'node/var/log/tetragon')
  const names = (await readdir(folder)).filter((name) => name.startsWith('tetragon'))
  const events: ScenarioEvent[] = []
  for (const name of names.sort()) {
    // An agent that is killed may leave a part of a line, which the next agent continues.
    for await (const line of linesOf(join(folder, name))) {
      if (!line.includes('"pod":') && !line.includes('"docker":')) continue
      events.push(JSON.parse(line) as ScenarioEvent)
    }
  }
  return events
}

/** The process of an event of any kind. */
export function processOf(event: ScenarioEvent): EventProcess | undefined {
  return (event.process_exec ?? event.process_exit ?? event.process_kprobe)?.process
}

/** What a policy has posted: the lines of the workloads' logs, by the name of the pod. */
export function hitsOf(
  events: readonly ScenarioEvent[],
  policy: string,
): Map<string, readonly string[]> {
  const hits = new Map<string, string[]>()
  for (const { process_kprobe: event } of events) {
    if (event?.policy_name !== policy) continue
    const name = event.process.pod?.name ?? '(no pod)'
    const path = event.args[0]?.string_arg ?? ''
    const line = path.replace(/^\/none\//, '').replace('/', ' ')
    hits.set(name, [...(hits.get(name) ?? []), line])
  }
  return hits
}

/** Waits until a policy has posted another hit of a pod. */
export async function waitForHit(cluster: Cluster, policy: string, pod: string): Promise<void> {
  const count = async () => hitsOf(await nodeEvents(cluster), policy).get(pod)?.length ?? 0
  const before = await count()
  await cluster.waitFor(`a hit of ${pod}`, async () => (await count()) > before)
}
