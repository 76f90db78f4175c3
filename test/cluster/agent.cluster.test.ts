// The tests are steps: they use the chart that an earlier one has installed, and its pods.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { policyCrds } from '@tetragon-ts/policy/crds'
import { nested } from '../helm-values/nested.ts'
import { reference } from '../helm-values/reference.ts'
import { repositoryRoot } from '../vm/repository.ts'
import { demoImage } from './images/cluster-images.ts'
import {
  chart,
  exportedEvents,
  inSystem,
  installAgent,
  removeAgent,
  sharedCluster,
} from './installation.ts'
import { containerdSocket } from './node/names.ts'

const cluster = sharedCluster()

interface Process {
  readonly binary: string
  readonly arguments?: string
  readonly flags?: string
  readonly pod?: {
    readonly namespace: string
    readonly name: string
    readonly pod_labels?: Readonly<Record<string, string>>
    readonly workload_kind?: string
    readonly workload?: string
    readonly container?: {
      readonly id: string
      readonly name: string
      readonly image?: { readonly id?: string; readonly name?: string }
    }
  }
}

/** The fields of an event that the tests read. */
interface Event {
  readonly process_exec?: { readonly process: Process }
  readonly process_kprobe?: {
    readonly process: Process
    readonly function_name: string
    readonly args?: readonly {
      readonly sock_arg?: { readonly daddr: string; readonly dport: number }
    }[]
  }
  readonly node_name: string
  readonly node_labels?: Readonly<Record<string, string>>
}

const events = () => exportedEvents<Event>(cluster)

/** The lines of a probe of the agent's container, which is the first that has one. */
function probeOf(rendered: string, kind: 'readiness' | 'liveness'): string {
  return new RegExp(`${kind}Probe:\\n((?: {12}.*\\n)+)`).exec(rendered)?.[1] ?? ''
}

test('the chart is valid, and renders for newer releases', async () => {
  assert.match(await cluster.helm('lint', '--strict', chart), /0 chart\(s\) failed/)
  for (const version of ['1.24.0', '1.31.0', '1.34.0']) {
    const rendered = await cluster.helm('template', chart, '--kube-version', version)
    assert.match(rendered, /livenessProbe:\n +grpc:\n +port: 6789\n +service: liveness\n/)
    assert.match(
      probeOf(rendered, 'readiness'),
      /grpc:\n.*\n +service: readiness\n(?:.*\n)* +periodSeconds: 5\n/,
    )
  }
})

test('the chart probes rarely where each probe starts a command', async () => {
  const rendered = await cluster.helm('template', chart, '--kube-version', '1.23.0')
  assert.match(probeOf(rendered, 'readiness'), /exec:\n(?:.*\n)* +periodSeconds: 10\n/)
  assert.match(probeOf(rendered, 'liveness'), /exec:\n(?:.*\n)* +periodSeconds: 60\n/)
})

test('the chart accepts the values of Tetragon’s chart, and reports what has no effect', async () => {
  const install = ['install', 'other', chart, '--dry-run', '-f']
  const defaults = join(cluster.folder, 'reference.json')
  await writeFile(defaults, JSON.stringify(nested(reference)))
  assert.doesNotMatch(await cluster.helm(...install, defaults), /WARNING/)
  const reported = async (values: string): Promise<string[]> => {
    const notes = (await cluster.helm(...install, defaults, '--set', values)).split('NOTES:')[1]
    return [...notes!.matchAll(/^([a-z]\S+: \w.*)/gm)].map(([line]) => line)
  }
  const never = 'rthooks.enabled=true,rthooks.interface=x,tetragon.processCacheSize=3'
  assert.deepEqual(await reported(never), [
    'rthooks.enabled: pods are found without hooks in the container runtime',
    'tetragon.processCacheSize: the cache has every process that lives',
  ])
  const socket = 'tetragon.cri.socketHostPath=/run/x.sock'
  const metrics = 'tetragon.prometheus.port=1,tetragon.prometheus.enabled='
  assert.deepEqual(await reported(`${socket},${metrics}false`), [
    'tetragon.cri.socketHostPath: it requires tetragon.cri.enabled',
    'tetragon.prometheus.port: it requires tetragon.prometheus.enabled',
  ])
  assert.deepEqual(await reported(`${socket},tetragon.cri.enabled=true,${metrics}true`), [])
})

test('the chart refuses unknown values, and those that would leave something unprotected', async () => {
  const tls =
    'tetragon.grpc.address=0.0.0.0:54321,tetragon.grpc.tls.enabled=true,' +
    'tetragon.grpc.tls.auto.method=cronJob'
  const publicUrl = 'console.enabled=true,console.tls.secretName=x,console.publicUrl'
  const noAddress = /console\.enabled needs console\.publicUrl, .*: ".*" is not https/
  const refusals = {
    [`${publicUrl}=`]: noAddress,
    [`${publicUrl}=http://tetragon.example`]: noAddress,
    [`${publicUrl}=https://tetragon.example/path`]: noAddress,
    [`${publicUrl}=https://user@tetragon.example`]: noAddress,
    [`${publicUrl}=https://tetragon.example:65536`]: noAddress,
    'tetragon.prometheus.prot=1': /tetragon\.prometheus: Additional property prot is not allowed/,
    'tetragon.debug=yes': /tetragon\.debug: Invalid type\. Expected: boolean, given: string/,
    'crds.installMethod=auto': /crds\.installMethod must be one of .*"operator", "helm", "none"/,
    [`${tls},tetragon.grpc.tls.ca.cert=x`]: /ca\.cert and \S+ca\.key must be given together/,
  }
  for (const [value, message] of Object.entries(refusals)) {
    await assert.rejects(cluster.helm('template', chart, '--set', value), message)
  }
})

test('the chart renders values as they are', async () => {
  const values = join(cluster.folder, 'values.yaml')
  await writeFile(values, 'tetragon: {exportRateLimit: 12345678, extraArgs: {x: 2000000}}')
  const security = 'tetragon.securityContext.readOnlyRootFilesystem=false'
  const rendered = await cluster.helm('template', chart, '-f', values, '--set', security)
  assert.match(rendered, /export-rate-limit: "12345678"/)
  assert.match(rendered, /- "--x=2000000"/)
  assert.match(rendered, /readOnlyRootFilesystem: false\n/)
  const disabled = ['tetragon.enabled', 'tetragon.enableK8sAPI', 'tetragonOperator.enabled']
  const none = disabled.map((name) => `${name}=false`).join()
  const off = ['--set', none, '--set', 'crds.installMethod=none']
  assert.doesNotMatch(await cluster.helm('template', chart, ...off), /DaemonSet|ClusterRole/)
})

test('the chart installs and its DaemonSet becomes ready', async () => {
  await installAgent(cluster, '--set', 'tetragon.hostProcPath=/procHost')
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', cluster.timeout(240))
})

test('export-stdout shows the commands of a pod', async () => {
  const command = ['/bin/sleep', '3600']
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'demo', labels: { app: 'demo' } },
    spec: { containers: [{ name: 'demo', image: demoImage, command }] },
  })
  await cluster.kubectl('wait', 'pod/demo', '--for=condition=Ready', '--timeout=240s')
  await cluster.kubectl('exec', 'demo', '--', 'cat', '/etc/group')
  const id = await cluster.kubectl(
    ...['get', 'pod', 'demo', '-o', 'jsonpath={.status.containerStatuses[0].containerID}'],
  )
  const pod = `default/demo/demo ${id}`
  const wanted = [`${pod} /bin/sleep 3600`, `${pod} /bin/cat /etc/group`]
  let found: string[] = []
  await cluster.waitFor('events of both commands', async () => {
    found = (await events()).filter(({ node_name }) => node_name === 'test-node').map(podLine)
    return wanted.every((each) => found.includes(each))
  })
  // The export omits processes outside pods.
  assert.ok(found.every((line) => line.startsWith('default/') || line === ''))
})

/** Pod, container and command of an exec; empty for other events. */
function podLine({ process_exec }: Event): string {
  if (process_exec === undefined) return ''
  const { binary, arguments: words = '', pod } = process_exec.process
  const container = `${pod?.namespace}/${pod?.name}/${pod?.container?.name} ${pod?.container?.id}`
  return `${container} ${binary} ${words}`
}

test('events have the labels of the pod', async () => {
  await cluster.waitFor('an event with the labels of the pod', async () => {
    // No event waits for the API server: the first ones may lack them.
    await cluster.kubectl('exec', 'demo', '--', 'cat', '/etc/passwd')
    const pods = (await events()).map(({ process_exec }) => process_exec?.process.pod)
    return pods.some((pod) => pod?.pod_labels?.app === 'demo' && pod.workload_kind === 'Pod')
  })
})

test('events have the labels of the node, as they are now', async () => {
  await cluster.kubectl('label', 'node', 'test-node', 'zone=a')
  await cluster.waitFor('an event with the new label', async () => {
    await cluster.kubectl('exec', 'demo', '--', 'cat', '/etc/group')
    return (await events()).some(({ node_labels: labels }) => {
      return labels?.zone === 'a' && labels['kubernetes.io/hostname'] === 'test-node'
    })
  })
})

test('tetra in the agent’s container reaches the agent', async () => {
  const tetra = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', 'tetra']
  assert.match(await cluster.kubectl(...tetra, 'status'), /running/)
})

test('an upgrade restarts the agent with a policy, and with the sockets of the runtime', async () => {
  const policy = join(repositoryRoot, 'policies/network/tcp-connections.yaml')
  await cluster.kubectl('create', 'configmap', 'policies', ...inSystem, '--from-file', policy)
  const mount = 'extraConfigmapMounts[0]'
  await cluster.helm(
    ...['upgrade', 'tetragon', chart, ...inSystem, '--reuse-values'],
    ...['--set', `${mount}.name=policies,${mount}.configMap=policies`],
    ...['--set', `${mount}.mountPath=/etc/tetragon/tetragon.tp.d`],
    // Instead of the API server.
    ...['--set', 'tetragon.enableK8sAPI=false,tetragon.cri.enabled=true'],
    ...['--set', `tetragon.cri.socketHostPath=${containerdSocket}`],
    ...['--set', 'tetragon.nri.enabled=true'],
  )
  // The kubelet of 1.20 needs minutes to remove a pod on a busy machine.
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', '--timeout=10m')
  // The request fails because the server expects TLS; the connection is made.
  const wget = ['wget', '-q', '-O', '-', 'http://10.96.0.1:443/']
  await cluster.tryKubectl(['exec', 'demo', '--', ...wget])
  await cluster.waitFor('the connection of the pod', async () =>
    (await events()).some(({ process_kprobe: event }) => {
      const socket = event?.args?.[0]?.sock_arg
      const isOurs = event?.process.pod?.name === 'demo' && event.function_name === 'tcp_connect'
      return isOurs && socket?.daddr === '10.96.0.1' && socket.dport === 443
    }),
  )
})

test('events have the labels and the image digest that the runtime reports', async () => {
  const pod = ['get', 'pod', 'demo', '-o', 'jsonpath={.status.containerStatuses[0].imageID}']
  const imageId = await cluster.kubectl(...pod)
  assert.notEqual(imageId, '')
  await cluster.waitFor('an event with the labels of the pod', async () => {
    // No event waits for the runtime: the first ones may lack them.
    await cluster.kubectl('exec', 'demo', '--', 'cat', '/etc/group')
    const pods = (await events()).map(({ process_exec }) => process_exec?.process.pod)
    return pods.some((each) => {
      const isOurs = each?.name === 'demo' && each.container?.image?.id === imageId
      return isOurs && each.pod_labels?.app === 'demo' && each.workload === undefined
    })
  })
})

test('the first event of a container has labels that the runtime reports before', async () => {
  const command = ['/bin/sleep', '3600']
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'early', labels: { app: 'early' } },
    spec: { containers: [{ name: 'main', image: demoImage, command }] },
  })
  let first: Process['pod']
  await cluster.waitFor('an event of the pod', async () => {
    const pods = (await events()).map(({ process_exec }) => process_exec?.process.pod)
    first = pods.find((pod) => pod?.name === 'early' && pod.container !== undefined)
    return first !== undefined
  })
  assert.deepEqual(first?.pod_labels, { app: 'early' })
  assert.equal(first?.container?.image?.name, demoImage)
  await cluster.kubectl('delete', 'pod', 'early', '--wait=false')
})

test('the restarted agent knows the pods that were running', async () => {
  await cluster.waitFor('the command of the pod, read from /proc', async () =>
    (await events()).some((event) => {
      const { flags, pod } = event.process_exec?.process ?? {}
      const line = podLine(event)
      // /proc has the file of the process: the link /bin/sleep is resolved.
      const isOlder = /^default\/demo\/demo .* \/bin\/busybox 3600$/.test(line)
      return isOlder && flags?.includes('procFS') === true && pod?.container?.id !== undefined
    }),
  )
})

test('nothing but CRDs is left after the chart is removed', async () => {
  await removeAgent(cluster)
  const kinds = await cluster.kubectl('api-resources', '--verbs=list', '-o', 'name')
  const others = kinds.split('\n').filter((kind) => kind !== '' && !/^events\b/.test(kind))
  const names = ['get', others.join(), '-A', '-o', 'name', '--ignore-not-found']
  const kind = 'customresourcedefinition.apiextensions.k8s.io'
  const crds = policyCrds().map(({ metadata }) => `${kind}/${metadata.name}`)
  // The garbage collector deletes the reports of the pods. It learns of new kinds twice a minute.
  let left: string[] = []
  await cluster
    .waitFor('nothing but CRDs', async () => {
      const all = (await cluster.kubectl(...names)).split('\n')
      left = all.filter((name) => /tetragon|tracing|detectionrule/.test(name))
      return left.length <= crds.length
    })
    .catch((error: unknown) => {
      throw new Error(`${left.join(', ')} are left`, { cause: error })
    })
  assert.deepEqual(left.sort(), crds.sort())
})
