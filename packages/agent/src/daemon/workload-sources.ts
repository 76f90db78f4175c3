import type { AgentOptions } from '../config/agent-options.ts'
import type { NodeWatch } from '../kubernetes/node-watch.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'
import type { DeclaredPod } from '../workloads/pod-text.ts'
import type {
  RuntimeLookupOptions,
  RuntimeLookups,
} from '../workloads/sources/cri/runtime-lookups.ts'
import type { KubernetesOptions, PodWatch } from '../workloads/sources/kubernetes/pod-watch.ts'
import type { NriOptions, NriPlugin } from '../workloads/sources/nri/nri-plugin.ts'
import type { PodmanLabels } from '../workloads/sources/podman-labels.ts'

type Options = Pick<AgentOptions, 'kubernetes' | 'runtime' | 'nri' | 'procfs'>
type Warn = (message: string) => void

/**
 * Sources of information about the node and its pods for the reader, besides the files of the
 * runtimes that the reader reads itself. The code of a source is loaded only if it is needed.
 */
export class WorkloadSources {
  /** Undefined: pods are not watched in the API server. */
  readonly podWatch: PodWatch | undefined
  /** Undefined: the socket of the container runtime is not asked. */
  readonly runtimeLookups: RuntimeLookups | undefined
  readonly #nri: NriPlugin | undefined
  readonly #node: NodeWatch | undefined
  readonly #reader: ReaderThread
  #hasReports = false
  /** Undefined until a container of Podman is seen. */
  #podman: PodmanLabels | undefined

  private constructor(
    reader: ReaderThread,
    node: NodeWatch | undefined,
    podWatch: PodWatch | undefined,
    runtimeLookups: RuntimeLookups | undefined,
    nri: NriPlugin | undefined,
  ) {
    this.#reader = reader
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
    const { kubernetes, runtime, nri } = options
    node?.onChange((labels) => reader.updateNode(labels))
    void node?.start()
    const sources = new WorkloadSources(
      reader,
      node,
      kubernetes && (await watchPods(kubernetes, reader, warn)),
      runtime && (await askRuntime(runtime, reader, warn)),
      nri && (await followRuntime(nri, reader, warn)),
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
    this.#podman ??= new PodmanLabels(procfs, { found: (labels) => reader.addLabels(labels), warn })
    this.#podman.lookUp(ids)
  }

  /** A new container that its runtime reports before it starts the container. */
  addContainer(declared: DeclaredPod): Promise<void> {
    this.#hasReports = true
    return this.#reader.addHooked(declared)
  }

  /**
   * Whether the runtime waits with new containers until their pod is known: it has NRI, or hooks
   * that have reported a container since the start.
   */
  get holdsContainers(): boolean {
    return this.#hasReports || this.#nri?.isRegistered === true
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
  options: KubernetesOptions,
  reader: ReaderThread,
  warn: Warn,
): Promise<PodWatch> {
  const { PodWatch } = await import('../workloads/sources/kubernetes/pod-watch.ts')
  return new PodWatch(options, { changed: (changes) => reader.updatePods(changes), warn })
}

async function askRuntime(
  options: RuntimeLookupOptions,
  reader: ReaderThread,
  warn: Warn,
): Promise<RuntimeLookups> {
  const { RuntimeLookups } = await import('../workloads/sources/cri/runtime-lookups.ts')
  return new RuntimeLookups(options, { found: (pod) => reader.addPod(pod), warn })
}

async function followRuntime(
  options: NriOptions,
  reader: ReaderThread,
  warn: Warn,
): Promise<NriPlugin> {
  const { NriPlugin } = await import('../workloads/sources/nri/nri-plugin.ts')
  return new NriPlugin(options, {
    pod: (pod) => reader.addPod(pod),
    container: (declared) => reader.addHooked(declared),
    warn,
  })
}
