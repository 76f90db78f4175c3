import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProgramResult, runProgram } from '@tetragon-ts/test/archives'
import { repositoryRoot } from '../vm/repository.ts'
import type { Cluster } from './cluster.ts'
import { configFolder } from './node/names.ts'

const program = join(repositoryRoot, 'packages/tetra/bin/tetra.js')

/** `tetra --cluster` on this machine, in the network of a cluster. */
export class ClusterTetra {
  readonly #cluster: Cluster
  readonly #kubeconfig: string

  /** @param kubeconfig that of the administrator by default */
  constructor(
    cluster: Cluster,
    kubeconfig = join(cluster.folder, 'node', configFolder, 'admin.conf'),
  ) {
    this.#cluster = cluster
    this.#kubeconfig = kubeconfig
  }

  #command(words: readonly string[]): [program: string, ...args: string[]] {
    const environment = ['env', `KUBECONFIG=${this.#kubeconfig}`, 'NO_COLOR=1']
    const tetra = [process.execPath, program, '--cluster', ...words]
    return this.#cluster.commandInNetwork([...environment, ...tetra])
  }

  /** Runs a command to its end. */
  run(...words: readonly string[]): Promise<ProgramResult> {
    const [file, ...args] = this.#command(words)
    return runProgram(file, args)
  }

  /** Starts a command. */
  start(...words: readonly string[]): FollowingTetra {
    const [file, ...args] = this.#command(words)
    return new FollowingTetra(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
  }
}

/** A command that runs until it is interrupted. */
export class FollowingTetra {
  out = ''
  err = ''
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      this.out += piece
    })
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.err += piece
    })
  }

  /** Presses Ctrl-C. @returns the exit code */
  async interrupt(): Promise<number | null> {
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGINT')
    const [code] = (await closed) as [number | null]
    return code
  }
}

/** Writes the kubeconfig file of a new service account with these rights in kube-system. */
export async function writeAccount(
  cluster: Cluster,
  name: string,
  rules: readonly object[],
): Promise<string> {
  // Accounts without a label are taken for those of the cluster.
  const metadata = { name, namespace: 'kube-system', labels: { test: 'account' } }
  const group = 'rbac.authorization.k8s.io'
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
    },
  ]
  await cluster.apply({ apiVersion: 'v1', kind: 'List', items })
  const request = join(cluster.folder, 'token.json')
  const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  await writeFile(request, JSON.stringify(token))
  const path = `/api/v1/namespaces/kube-system/serviceaccounts/${name}/token`
  const answer = await cluster.kubectl('create', '--raw', path, '-f', request)
  const { status } = JSON.parse(answer) as { status: { token: string } }
  const admin = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '-o', 'json'))
  const file = join(cluster.folder, `${name}.conf`)
  const users = [{ name, user: { token: status.token } }]
  const contexts = [{ name, context: { cluster: admin.clusters[0].name, user: name } }]
  const config = { clusters: admin.clusters, users, contexts, 'current-context': name }
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return file
}
