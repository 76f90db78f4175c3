import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FakeApiServer, type FakeObject } from '@tetragon-ts/kubernetes/testing'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import { readCreateContainer } from '../workloads/sources/runtime-hook.ts'
import { type FakeContainer, FakeContainers } from '../workloads/testing/fake-container.ts'
import { groupsMount } from '../workloads/testing/groups-mount.ts'
import { PolicyRun } from './policy-run.ts'
import { makeTestFolder } from './run-agent.ts'

/** Where the control groups of containers are mounted; undefined if nowhere. */
export const mount = groupsMount()

const podPath = '/api/v1/pods'

/** An agent that watches pods in an API server, and containers with pods. */
export class PodRun {
  readonly #folder: string
  readonly #api: FakeApiServer
  readonly #options: readonly string[]
  run: PolicyRun
  containers: FakeContainers
  /** Loaded until the end of the test. */
  loaded: LoadedPolicy | undefined
  #marks = 0
  #tests = 0

  static async start(): Promise<PodRun> {
    const folder = makeTestFolder()
    const api = await FakeApiServer.start()
    writeFileSync(
      join(folder, 'kubeconfig'),
      `{current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}],
        users: [{name: a, user: {}}], clusters: [{name: a, cluster: {server: '${api.url}'}}]}`,
    )
    const options = [...['--enable-k8s-api', '--k8s-kubeconfig-path', join(folder, 'kubeconfig')]]
    const run = await PolicyRun.start(...options, '--event-cache-retries', '1000')
    while (api.watches(podPath) === 0) await sleep(5)
    return new PodRun(folder, api, options, run)
  }

  private constructor(
    folder: string,
    api: FakeApiServer,
    options: readonly string[],
    run: PolicyRun,
  ) {
    this.#folder = folder
    this.#api = api
    this.#options = options
    this.run = run
    this.containers = this.#newContainers()
  }

  #newContainers(): FakeContainers {
    return new FakeContainers(mount ?? '', `tetragon-test-${process.pid}-${++this.#tests}`)
  }

  async load(text: string): Promise<LoadedPolicy> {
    this.loaded = await this.run.load(text)
    return this.loaded
  }

  async unload(): Promise<void> {
    if (this.loaded) await this.run.unload(this.loaded)
    this.loaded = undefined
  }

  /** At the end of a test, also a failed one: removes its processes, its policy, its containers. */
  async clear(): Promise<void> {
    await this.run.endChildren()
    await this.unload()
    const { containers } = this
    this.containers = this.#newContainers()
    containers.clear()
  }

  /** The API server reports a pod. */
  report(pod: FakeObject): void {
    this.#api.set(podPath, pod)
  }

  /** A container whose pod the API server has reported. */
  async known(...choices: Parameters<FakeContainers['create']>): Promise<FakeContainer> {
    const container = this.containers.create(...choices)
    this.report(container.pod)
    await this.settled()
    return container
  }

  /** A hook of the runtime reports a container. */
  async reportCreation({ id, pod: { metadata } }: FakeContainer): Promise<void> {
    const { namespace: podNamespace, name: podName, uid: podUID } = metadata
    const declared = readCreateContainer({ containerID: id, podNamespace, podName, podUID })
    if (declared) await this.run.agent.workloadSources.addContainer(declared)
  }

  /** Waits until the agent has handled everything that was sent before. */
  async settled(): Promise<void> {
    const uid = `settled-${++this.#marks}`
    const { agent } = this.run
    const before = agent.podWatch?.counts.events ?? 0
    this.report({ metadata: { uid, namespace: 'settled', name: uid } })
    while ((agent.podWatch?.counts.events ?? 0) < before + 1) await sleep(2)
    // The reader answers in the order of its commands.
    await agent.reader.totals()
  }

  /** Does something with an agent that does not wait for unknown pods. */
  async withImpatientAgent(act: () => Promise<void>): Promise<void> {
    const patient = this.run
    this.run = await PolicyRun.start(...this.#options, '--event-cache-retries', '0')
    try {
      while ((this.run.agent.podWatch?.counts.events ?? 0) === 0) await sleep(5)
      await act()
    } finally {
      await this.run.stop()
      this.run = patient
    }
  }

  async stop(): Promise<void> {
    await this.run.stop()
    this.#api.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
