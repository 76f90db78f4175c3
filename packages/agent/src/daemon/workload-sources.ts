import type { AgentOptions } from '../config/agent-options.ts'
import type { NodeWatch } from '../kubernetes/node-watch.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'
import type { RuntimeLookups } from '../workloads/sources/cri/runtime-lookups.ts'
import type { PodWatch } from '../workloads/sources/kubernetes/pod-watch.ts'
import type { NriPlugin } from '../workloads/sources/nri/nri-plugin.ts'
import type { PodmanLabels } from '../workloads/sources/podman-labels.ts'

type Options = Pick<AgentOptions, 'kubernetes' | 'runtime' | 'nri' | 'procfs'>
type Warn = (message: string) => void

/**
 * What tells the reader about the node and its pods, besides the files of the runtimes that the
 * reader reads itself. The code of a source is loaded only if it is needed.
 */
export class WorkloadSources {
  /** Undefined: pods are not watched in the API server. */
  readonly podWatch: PodWatch | undefined
  /** Undefined: the socket of the container runtime is not asked. */
  readonly runtimeLookups: RuntimeLookups | undefined
  readonly #nri: NriPlugin | undefined
  readonly #node: NodeWatch | undefined

  /** Undefined until a container of Podman is seen. */
  #podman: PodmanLabels | undefined

  private constructor(
    node: NodeWatch | undefined,
    podWatch: PodWatch | undefined,
    runtimeLookups: RuntimeLookups | undefined,
    nri: NriPlugin | undefined,
  ) {
    this.#node = node
    this.podWatch = podWatch
    this.runtimeLookups = runtimeLookups
    this.#nri = nri
  }

  /** Starts the sources that have options; waits for none. @throws AgentError AGENT_OPTION */
  static async start(
    options: Options,
    node: NodeWatch | undefined,
    reader: ReaderThread,
    warn: Warn,
  ): Promise<WorkloadSources> {
    node?.onChange((labels) => reader.updateNode(labels))
    void node?.start()
    const sources = new WorkloadSources(
      node,
      await watchPods(options, reader, warn),
      await askRuntime(options, reader, warn),
      await followRuntime(options, reader, warn),
    )
    reader.onContainers = ({ cri, podman }) => {
      sources.runtimeLookups?.lookUp(cri)
      if (podman.length > 0) void sources.#askPodman(podman, options, reader, warn)
    }
    return sources
  }

  async #askPodman(
    ids: readonly string[],
    { procfs }: Options,
    reader: ReaderThread,
    warn: Warn,
  ): Promise<void> {
    const { PodmanLabels } = await import('../workloads/sources/podman-labels.ts')
    this.#podman ??= new PodmanLabels(procfs, {
      found: (labels) => reader.addLabels(labels),
      warn,
    })
    this.#podman.lookUp(ids)
  }

  async close(): Promise<void> {
    this.#node?.close()
    this.runtimeLookups?.close()
    this.#nri?.close()
    this.#podman?.close()
    await this.podWatch?.close()
  }
}

async function watchPods(
  { kubernetes }: Options,
  reader: ReaderThread,
  warn: Warn,
): Promise<PodWatch | undefined> {
  if (kubernetes === undefined) return undefined
  const { PodWatch } = await import('../workloads/sources/kubernetes/pod-watch.ts')
  return new PodWatch(kubernetes, { changed: (changes) => reader.updatePods(changes), warn })
}

async function askRuntime(
  { runtime }: Options,
  reader: ReaderThread,
  warn: Warn,
): Promise<RuntimeLookups | undefined> {
  if (runtime === undefined) return undefined
  const { RuntimeLookups } = await import('../workloads/sources/cri/runtime-lookups.ts')
  return new RuntimeLookups(runtime, { found: (pod) => reader.addPod(pod), warn })
}

async function followRuntime(
  { nri }: Options,
  reader: ReaderThread,
  warn: Warn,
): Promise<NriPlugin | undefined> {
  if (nri === undefined) return undefined
  const { NriPlugin } = await import('../workloads/sources/nri/nri-plugin.ts')
  return new NriPlugin(nri, {
    pod: (pod) => reader.addPod(pod),
    container: (declared) => reader.addHooked(declared),
    warn,
  })
}
