import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramResult } from '@tetragon-ts/test/archives'
import type { Cluster } from './cluster.ts'
import { inSystem } from './installation.ts'

/** Kinds that agents and the operator write. */
export const nodeStatus = 'tracingpolicynodestatuses.cilium.io'
export const kernels = 'tracingpolicykernels.cilium.io'

/** Values of objects in the namespace of the installation. @param path as JSONPath */
export function get(cluster: Cluster, path: string, ...what: readonly string[]): Promise<string> {
  return cluster.kubectl('get', ...inSystem, ...what, '-o', `jsonpath=${path}`)
}

/** The kernels that agents report: hash and size of their descriptions. */
export async function reportedKernels(cluster: Cluster): Promise<readonly string[]> {
  const path = '{.items[*].metadata.annotations.tetragon\\.cilium\\.io/kernel}'
  return (await get(cluster, path, nodeStatus)).split(' ').filter((text) => text !== '')
}

/** The number of objects for pieces of a description. */
export function piecesOf(kernel: string): number {
  return Math.ceil(Number(kernel.split('/')[1]) / (1 << 18))
}

/** The number of pieces of descriptions that agents have written. */
export async function writtenPieces(cluster: Cluster): Promise<number> {
  const rounds = await get(cluster, '{.items[*].status.round}', kernels)
  return rounds.split(' ').filter((round) => round === '1').length
}

/** A policy that hooks a function. */
export const hooks = (call: string) => ({ kprobes: [{ call, syscall: call.startsWith('sys_') }] })

/** Runs `kubectl apply` with a policy; any exit code is accepted. */
function applyPolicy(
  cluster: Cluster,
  name: string,
  spec: object,
  namespaced: boolean,
): Promise<ProgramResult> {
  const file = join(cluster.folder, `${name}.json`)
  const kind = namespaced ? 'TracingPolicyNamespaced' : 'TracingPolicy'
  const metadata = namespaced ? { name, namespace: 'default' } : { name }
  writeFileSync(file, JSON.stringify({ apiVersion: 'cilium.io/v1alpha1', kind, metadata, spec }))
  return cluster.tryKubectl(['apply', '-f', file])
}

/** The warnings of the first `kubectl apply` that a busy machine has checked in time. */
export async function warningsOf(
  cluster: Cluster,
  name: string,
  spec: object,
  namespaced = false,
): Promise<string> {
  let output = ''
  const kind = namespaced ? 'tracingpolicynamespaced' : 'tracingpolicy'
  await cluster.waitFor(`a check of policy ${name}`, async () => {
    await cluster.tryKubectl(['delete', kind, name])
    const { exitCode, stderr } = await applyPolicy(cluster, name, spec, namespaced)
    assert.equal(exitCode, 0, 'it is a warning only')
    output = stderr
    return !stderr.includes('was not checked')
  })
  return output
}
