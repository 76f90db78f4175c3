import type { Cluster } from '../cluster.ts'
import { demoImage } from '../images/cluster-images.ts'
import type { EventProcess, ScenarioEvent } from './events.ts'
import { containerName } from './workload.ts'

/** The pod that all events of a workload must have. */
export interface ExpectedPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Id of the container with the prefix of the runtime. */
  readonly container: string
}

interface PodStatus {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly status: {
    readonly phase: string
    readonly containerStatuses?: readonly { readonly containerID?: string }[]
  }
}

/** Waits until pods have a phase. @returns what their events must have, by the name of the pod */
export async function podsInPhase(
  cluster: Cluster,
  phase: 'Running' | 'Succeeded',
  names: readonly string[],
): Promise<Map<string, ExpectedPod>> {
  let pods: readonly PodStatus[] = []
  await cluster.waitFor(`${names.join()}: ${phase}`, async () => {
    const list = await cluster.kubectl('get', 'pods', '-o', 'json')
    const { items } = JSON.parse(list) as { readonly items: readonly PodStatus[] }
    pods = items.filter(({ metadata, status }) => {
      return names.includes(metadata.name) && status.phase === phase
    })
    return pods.length === names.length
  })
  return new Map(
    pods.map(({ metadata: { namespace, name, uid }, status }) => {
      const container = status.containerStatuses![0]!.containerID!
      return [name, { namespace, name, uid, container }]
    }),
  )
}

/** The words of a process that name its pod: `POD NUMBER` of a program, `POD` of the first one. */
export function ownLine({ binary, arguments: words = '' }: EventProcess): string | undefined {
  if (binary === '/bin/echo') return words
  return binary === '/bin/sh' ? words.slice(words.lastIndexOf(' ') + 1) : undefined
}

/** Start and end of the programs of workloads. */
export interface Attribution {
  /** Times of exec events by the line of the program's log. */
  readonly starts: ReadonlyMap<string, number>
  /** Times of the last exit events. */
  readonly ends: ReadonlyMap<string, number>
  /** Events without a pod, with a wrong one, or of a program that was started once already. */
  readonly problems: readonly string[]
}

/**
 * Compares the pod of each event with the one that the process names itself.
 * @param sandboxLife milliseconds: a sandbox with a shorter life may have no pod. By default a time
 *   in which a busy machine removes an abandoned one
 */
export function attributionOf(
  events: readonly ScenarioEvent[],
  pods: ReadonlyMap<string, ExpectedPod>,
  sandboxLife = 10_000,
): Attribution {
  const starts = new Map<string, number>()
  const ends = new Map<string, number>()
  const problems: string[] = []
  const abandoned = abandonedSandboxes(events, sandboxLife)
  const started = startedContainers(events)
  for (const { process_exec, process_exit, time } of events) {
    const event = (process_exec ?? process_exit)?.process
    if (event === undefined) continue
    const mayLackPod =
      abandoned.has(event.exec_id) ||
      endedUnseen(event) ||
      (isEarlyInit(event) && !started.has(event.docker ?? ''))
    if (event.docker !== undefined && event.pod === undefined && !mayLackPod) {
      problems.push(`no pod: ${JSON.stringify({ time, process_exec, process_exit })}`)
    }
    const line = ownLine(event)
    const pod = pods.get(line?.split(' ')[0] ?? '')
    if (line === undefined || pod === undefined) continue
    problems.push(...wrongFields(event, pod))
    // A copy of the shell that runs no program has an end, too.
    if (process_exec === undefined) ends.set(line, Date.parse(time))
    // An agent that starts reports running processes once more.
    else if (starts.has(line) && !event.flags.includes('procFS')) {
      problems.push(`${line}: two exec events`)
    } else starts.set(line, Date.parse(time))
  }
  return { starts, ends, problems }
}

/**
 * Ids of the processes of sandboxes that ended immediately, because the kubelet was killed while it
 * made them: when the agent sees them, nothing on the node says any more which pod they were for.
 */
function abandonedSandboxes(
  events: readonly ScenarioEvent[],
  sandboxLife: number,
): ReadonlySet<string> {
  const started = new Map<string, number>()
  const abandoned = new Set<string>()
  for (const { process_exec, process_exit, time } of events) {
    const { binary, exec_id } = (process_exec ?? process_exit)?.process ?? {}
    if (binary !== '/pause' || exec_id === undefined) continue
    const now = Date.parse(time)
    if (process_exec !== undefined) started.set(exec_id, now)
    else if (now - started.get(exec_id)! < sandboxLife) abandoned.add(exec_id)
  }
  return abandoned
}

/** The containers in which something other than the runtime was executed. */
function startedContainers(events: readonly ScenarioEvent[]): ReadonlySet<string> {
  const programs = events.flatMap(({ process_exec: exec }) => exec?.process ?? [])
  return new Set(programs.flatMap((each) => (isInit(each) ? [] : (each.docker ?? []))))
}

/** Whether this is runc, which makes a container before it executes the program of that. */
function isInit({ binary, arguments: words }: EventProcess): boolean {
  return words === 'init' && /\brunc(?:$|_cloned:)/.test(binary)
}

/**
 * Whether a starting agent found a process that makes a container. If its program is never
 * executed, the runtime has abandoned the container with its files, and the list of pods may arrive
 * after this event: nothing else on the node says which pod has the uid of the control group.
 */
function isEarlyInit(process: EventProcess): boolean {
  return isInit(process) && process.flags.split(' ').includes('procFS')
}

/**
 * Whether a process ended while a starting agent looked at it, as that of a sandbox does which is
 * removed then: only its existence is known.
 */
function endedUnseen({ binary, flags }: EventProcess): boolean {
  const names = flags.split(' ')
  return binary === '' && names.includes('procFS') && names.includes('miss')
}

/** Differences between the pod of a process and the one that it must have. */
function wrongFields({ pod }: EventProcess, expected: ExpectedPod): string[] {
  const found = {
    namespace: pod?.namespace,
    name: pod?.name,
    uid: pod?.uid,
    container: pod?.container?.id,
    containerName: pod?.container?.name,
    image: pod?.container?.image?.name,
  }
  const wanted = { ...expected, containerName, image: demoImage }
  const names = Object.keys(wanted) as (keyof typeof wanted)[]
  return names
    .filter((name) => found[name] !== wanted[name])
    .map((name) => `${expected.name}: ${name}: ${found[name]}, not ${wanted[name]}`)
}

/**
 * Lines that are missing between others, as gaps: the first and the last line of each. The last
 * line of all may be missing.
 */
export function gapsOf(lines: readonly string[], found: ReadonlySet<string>): readonly string[] {
  const last = lines.findLastIndex((line) => found.has(line))
  const complete = last >= lines.length - 2 ? lines.slice(0, last + 1) : lines
  const gaps: string[][] = []
  complete.forEach((line, i) => {
    if (found.has(line)) return
    if (i === 0 || found.has(complete[i - 1]!)) gaps.push([line])
    else gaps.at(-1)![1] = line
  })
  return gaps.map((ends) => ends.join(' to '))
}
