import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundlesOfContainerd, writeBundle } from './bundles.ts'

/** A pod of the API. */
export type FakePod = {
  readonly metadata: {
    readonly uid: string
    readonly namespace: string
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
  }
}

/** A container as tests need it: its control group and its bundle. */
export interface FakeContainer {
  readonly id: string
  /** Path of its control group. */
  readonly group: string
  /** Its pod in the API. */
  readonly pod: FakePod
}

/** Choices of a container. */
export interface ContainerChoices {
  readonly namespace?: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly container?: string
  readonly image?: string
  /** Whether it is the sandbox of the pod. */
  readonly isSandbox?: boolean
  /** Whether the runtime wrote its bundle. */
  readonly hasBundle?: boolean
}

/** Control groups and bundles of containers, as the kubelet and containerd create them. */
export class FakeContainers {
  readonly #mount: string
  readonly #top: string
  readonly #groups: string[] = []
  readonly #bundles: (() => void)[] = []

  /** @param mount of the control groups @param name of the group above all others */
  constructor(mount: string, name: string) {
    this.#mount = mount
    this.#top = name
  }

  /** Creates the bundle, then the group. */
  create(choices: ContainerChoices = {}): FakeContainer {
    const id = randomBytes(32).toString('hex')
    const { namespace = 'default', name = `pod-${id}`, labels = {}, hasBundle = true } = choices
    const uid = randomUUID()
    if (hasBundle) {
      const annotations = {
        'io.kubernetes.cri.container-name': choices.container ?? 'main',
        'io.kubernetes.cri.container-type': choices.isSandbox ? 'sandbox' : 'container',
        'io.kubernetes.cri.image-name': choices.image ?? 'docker.io/library/busybox:1.36',
        'io.kubernetes.cri.sandbox-name': name,
        'io.kubernetes.cri.sandbox-namespace': namespace,
        'io.kubernetes.cri.sandbox-uid': uid,
      }
      this.#bundles.push(writeBundle(`/${bundlesOfContainerd}`, id, annotations))
    }
    const group = this.makeGroup(join('kubepods', `pod${uid}`, id))
    return { id, group, pod: { metadata: { uid, namespace, name, labels } } }
  }

  /** Creates a group below that of the tests. @returns its path */
  makeGroup(path: string): string {
    let folder = this.#mount
    for (const part of [this.#top, ...path.split('/')]) {
      folder = join(folder, part)
      if (existsSync(folder)) continue
      mkdirSync(folder)
      this.#groups.push(folder)
    }
    return folder
  }

  /** Removes a group. */
  removeGroup(path: string): void {
    this.#groups.splice(this.#groups.indexOf(path), 1)
    rmdirSync(path)
  }

  /** Removes everything. */
  clear(): void {
    for (const group of this.#groups.splice(0).reverse()) rmdirSync(group)
    for (const remove of this.#bundles.splice(0).reverse()) remove()
  }
}

/** Runs a script of a shell whose first step is to enter a group; waits for its end. */
export function runInGroup(group: string, script: string): void {
  const whole = `echo 0 > ${group}/cgroup.procs; ${script}`
  const { status, stderr } = spawnSync('/bin/sh', ['-c', whole], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`run in ${group}: ${status} ${stderr}`)
}
