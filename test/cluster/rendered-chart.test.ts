import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { repositoryRoot } from '../vm/repository.ts'
import { noHelm, notesOf, objectOf, type RenderedObject, renderChart } from './rendered-chart.ts'

const operator = 'tetragonOperator'
const replicas = [`${operator}.replicas=2`, `${operator}.failoverLease.enabled=true`]

/** Addresses of gRPC that need no TLS. */
const ports = [
  ...['localhost:1', 'localhost', '127.1.2.3:1', '[::1]:1'],
  '0.0.0.0:1',
  ':1',
  '[::]:1',
  '10.0.0.1:1',
  '127.0.0.1.x:1',
  'localhost.x:1',
] as const

/** Numbers of the MiB in rows of a page that have this label. */
function measured(label: string): number[] {
  const page = readFileSync(join(repositoryRoot, 'bench/README.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith(`| ${label}`))
  assert.ok(rows.length > 0, label)
  return rows.flatMap((row) => [...row.split('|')[2]!.matchAll(/[\d.]+/g)].map(Number))
}

function agentOptions(objects: readonly RenderedObject[]) {
  return objectOf(objects, 'ConfigMap', 'tetragon-config').data
}

function containerOf(object: RenderedObject, name: string) {
  const { containers } = object.spec.template.spec
  return containers.find((each: { name: string }) => each.name === name)
}

describe('the rendered chart', { skip: noHelm }, () => {
  it('runs the operator without privileges, with a profile that can be replaced', async () => {
    const deployment = objectOf(await renderChart(), 'Deployment')
    assert.deepEqual(deployment.spec.template.spec.securityContext, {
      seccompProfile: { type: 'RuntimeDefault' },
    })
    assert.deepEqual(containerOf(deployment, 'tetragon-operator').securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    })
    const profile = `${operator}.podSecurityContext.seccompProfile.type=Localhost`
    const other = objectOf(await renderChart([profile]), 'Deployment')
    assert.equal(other.spec.template.spec.securityContext.seccompProfile.type, 'Localhost')
  })

  it('keeps events on disk on the node, also if an upgrade reuses values without a folder', async () => {
    const folders = async (...values: readonly string[]) => {
      const objects = await renderChart(values)
      const set = objectOf(objects, 'DaemonSet')
      const named = ({ name }: { name: string }) => name === 'spool'
      return {
        option: objectOf(objects, 'ConfigMap', 'tetragon-config').data?.['output-spool-dir'],
        mount: containerOf(set, 'tetragon').volumeMounts.find(named)?.mountPath,
        node: set.spec.template.spec.volumes.find(named)?.hostPath.path,
      }
    }
    const all = (path?: string) => ({ option: path, mount: path, node: path })
    const usual = '/var/lib/tetragon/spool'
    const syslog = 'tetragon.outputs.siem=syslog+tcp://logs.example:601?queue=1M'
    const spooled = 'tetragon.outputs.lake=https://es.example:9200?queue=1M&spool=1G'
    const folder = 'tetragon.outputSpoolDirectory'
    assert.deepEqual(await folders(), all())
    assert.deepEqual(await folders(syslog), all())
    assert.deepEqual(await folders(syslog, spooled), all(usual))
    assert.deepEqual(await folders(spooled, `${folder}=/data/spool`), all('/data/spool'))
    assert.deepEqual(await folders(spooled, `${folder}=`), all(usual))
    assert.deepEqual(await folders(spooled, `${folder}=null`), all(usual))
  })

  it('mounts detection rules where agents read them', async () => {
    const rules = ['tetragon.rules.a\\.yaml=title: "a: b"', 'tetragon.libraryRules=high']
    const objects = await renderChart(rules)
    const map = objectOf(objects, 'ConfigMap', 'tetragon-rules')
    assert.deepEqual(map.data, { 'a.yaml': 'title: "a: b"' })
    const options = objectOf(objects, 'ConfigMap', 'tetragon-config')
    assert.equal(options.data?.['library-rules'], 'high')
    const daemonSet = objectOf(objects, 'DaemonSet')
    const { volumeMounts } = containerOf(daemonSet, 'tetragon')
    const mount = { name: 'rules', mountPath: '/etc/tetragon/rules', readOnly: true }
    assert.ok(volumeMounts.some((each: object) => isDeepStrictEqual(each, mount)))
    await assert.rejects(renderChart(['tetragon.rules.shell=x']), /"shell" does not end in \.yaml/)
    const names = (await renderChart()).map(({ metadata }) => metadata.name)
    assert.ok(!names.includes('tetragon-rules'))
    const usual = objectOf(await renderChart(), 'ConfigMap', 'tetragon-config')
    assert.equal(usual.data?.['library-rules'], 'low', 'as in the packages')
    assert.equal(usual.data?.['exec-fields'], 'environment', 'some of them need it')
    const without = await renderChart(['tetragon.libraryRules=off'])
    assert.equal(objectOf(without, 'ConfigMap', 'tetragon-config').data?.['exec-fields'], undefined)
  })

  it('gives agents outputs', async () => {
    const url = 'syslog+tcp://logs:601?events=exec'
    const objects = await renderChart([
      ...[`tetragon.outputs.siem=${url}`, 'tetragon.outputs.b=x'],
      'tetragon.metricsOutputs.otel=otlp://collector:4317',
    ])
    const options = objectOf(objects, 'ConfigMap', 'tetragon-config')
    assert.equal(options.data?.output, `b=x\nsiem=${url}\n`)
    assert.equal(options.data?.['metrics-output'], 'otel=otlp://collector:4317\n')
    const none = objectOf(await renderChart(), 'ConfigMap', 'tetragon-config')
    assert.equal(none.data?.output, undefined)
    assert.equal(none.data?.['metrics-output'], undefined)
  })

  it('mounts the folders of outputs that write files', async () => {
    const lake = 'tetragon.outputs.lake=parquet:///data/my%20events?original=true'
    const others = [
      'tetragon.outputs.alerts=parquet:///data/my%20events/?level=low',
      'tetragon.outputs.siem=syslog+tcp://logs:601',
    ]
    const set = objectOf(await renderChart([lake, ...others]), 'DaemonSet')
    const isOutput = ({ name }: { name: string }) => name.startsWith('output-')
    const path = '/data/my events'
    const bucket = await renderChart([
      'tetragon.outputs.s3=s3://b/x?region=r&folder=/data/my+events',
    ])
    const [{ hostPath: ofBucket }] = objectOf(
      bucket,
      'DaemonSet',
    ).spec.template.spec.volumes.filter(isOutput)
    assert.equal(ofBucket.path, path)
    const [volume, ...more] = set.spec.template.spec.volumes.filter(isOutput)
    const { name, hostPath } = volume
    assert.deepEqual([hostPath, more], [{ path, type: 'DirectoryOrCreate' }, []])
    const { volumeMounts } = containerOf(set, 'tetragon')
    assert.deepEqual(volumeMounts.filter(isOutput), [{ name, mountPath: path }])
  })

  it('keeps events of outputs with a spool on the node', async () => {
    const render = (url: string) => renderChart([`tetragon.outputs.lake=${url}`])
    const plain = await render('http://spool:80?format=json')
    const spooled = await render('http://lake:80?format=json&spool=1G')
    const folderOf = (objects: typeof plain) => {
      return objectOf(objects, 'ConfigMap', 'tetragon-config').data?.['output-spool-dir']
    }
    const volumeOf = (objects: typeof plain) => {
      const { volumes = [] } = objectOf(objects, 'DaemonSet').spec.template.spec
      return volumes.find(({ name }: { name: string }) => name === 'spool')?.hostPath?.path
    }
    const path = '/var/lib/tetragon/spool'
    assert.deepEqual([folderOf(spooled), volumeOf(spooled)], [path, path])
    assert.deepEqual([folderOf(plain), volumeOf(plain)], [undefined, undefined])
    const mounts = containerOf(objectOf(spooled, 'DaemonSet'), 'tetragon').volumeMounts ?? []
    assert.ok(mounts.some(({ mountPath }: { mountPath: string }) => mountPath === path))
  })

  it('gives agents memory for four times what a busy one needs, and no limit of CPU', async () => {
    const daemonSet = objectOf(await renderChart(), 'DaemonSet')
    assert.equal(daemonSet.spec.template.spec.priorityClassName, 'system-node-critical')
    const { resources } = containerOf(daemonSet, 'tetragon')
    assert.deepEqual(resources, {
      requests: { cpu: '50m', memory: '384Mi' },
      limits: { memory: '1Gi' },
    })
    const rows = ['the same at single times, MiB', 'resident memory of the agent, MiB']
    const most = Math.max(...rows.flatMap(measured))
    assert.ok(most > 100 && most < 256, `${most} MiB is within the request`)
  })

  it('gives an account that it does not create no rights', async () => {
    const all = [`${operator}.podInfo.enabled=true`, ...replicas, 'console.enabled=true']
    const access = ['console.publicUrl=https://x.example', 'console.tls.secretName=x']
    const objects = await renderChart([...all, ...access])
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
    assert.deepEqual(accounts.map(({ metadata }) => metadata.name).sort(), [
      'tetragon',
      'tetragon-console',
      'tetragon-operator-service-account',
    ])
    const values = { tetragon: 'serviceAccount', 'tetragon-console': 'console.serviceAccount' }
    for (const { metadata } of accounts) {
      const { name } = metadata
      const subjectOf = ({ subjects = [] }: RenderedObject) =>
        subjects.some((each) => each.name === name)
      assert.ok(objects.some(subjectOf), name)
      const value = values[name as keyof typeof values] ?? `${operator}.serviceAccount`
      // The same name, so that rights would be found.
      const given = [`${value}.create=false`, `${value}.name=${name}`]
      const without = await renderChart([...all, ...access, ...given])
      assert.deepEqual(without.filter(subjectOf), [], name)
      const left = ({ kind, metadata }: RenderedObject) =>
        /Role$/.test(kind) &&
        new RegExp(`^${name.replace(/-service.*/, '')}(-reports|-webhook)?$`).test(metadata.name)
      assert.ok(objects.some(left))
      assert.deepEqual(without.filter(left), [], name)
      assert.equal(without.filter(({ kind }) => kind === 'ServiceAccount').length, 2)
    }
  })

  it('says which accounts need rights that it does not give', async () => {
    const head = 'The chart gives no rights to accounts that it does not create.'
    assert.ok(!(await notesOf([])).includes(head))
    const agent = ['serviceAccount.create=false', 'serviceAccount.name=mine']
    const notes = await notesOf([...agent, `${operator}.serviceAccount.create=false`])
    assert.match(notes, new RegExp(`^${head} .*:\\n  agent: mine\\n  operator: default\\n\\nWait`))
  })

  it('lets evictions end one of several replicas, and always the only one', async () => {
    const budgets = (objects: readonly RenderedObject[]) =>
      objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
    assert.deepEqual(budgets(await renderChart()), [])
    const off = `${operator}.podDisruptionBudget.enabled=false`
    assert.deepEqual(budgets(await renderChart([...replicas, off])), [])
    for (const [version, api] of Object.entries({ '1.20.2': 'v1beta1', '1.34.0': 'v1' })) {
      const [budget] = budgets(await renderChart(replicas, version))
      assert.equal(budget!.apiVersion, `policy/${api}`)
      assert.equal(budget!.spec.maxUnavailable, 1)
    }
  })

  it('opens the ports of the operator, and no others, with a NetworkPolicy', async () => {
    const on = `${operator}.networkPolicy.enabled=true`
    const objects = await renderChart([on])
    const { spec } = objectOf(objects, 'NetworkPolicy')
    const { ports } = containerOf(objectOf(objects, 'Deployment'), 'tetragon-operator')
    assert.deepEqual(
      spec.ingress,
      ports.map(({ name }: { name: string }) => ({ ports: [{ port: name, protocol: 'TCP' }] })),
    )
    assert.deepEqual(spec.policyTypes, ['Ingress'])
    const block = (name: string) => `${operator}.networkPolicy.${name}[0].ipBlock.cidr=10.0.0.1/32`
    const narrow = await renderChart([on, ...['metricsFrom', 'webhookFrom', 'egressTo'].map(block)])
    const narrowed = objectOf(narrow, 'NetworkPolicy').spec
    const peers = [{ ipBlock: { cidr: '10.0.0.1/32' } }]
    assert.deepEqual(
      narrowed.ingress.map(({ from }: { from?: unknown }) => from),
      [undefined, peers, peers],
    )
    assert.deepEqual(narrowed.egress, [{ to: peers }])
    assert.deepEqual(narrowed.policyTypes, ['Ingress', 'Egress'])
    const none = [`${operator}.prometheus.enabled=false`, `${operator}.webhook.enabled=false`]
    const closed = objectOf(await renderChart([on, ...none]), 'NetworkPolicy').spec
    assert.equal(closed.ingress.length, 1)
    assert.equal(
      (await renderChart()).some(({ kind }) => kind === 'NetworkPolicy'),
      false,
    )
  })

  it('passes labels and relabelings to the ServiceMonitors', async () => {
    for (const program of ['tetragon', operator]) {
      const monitor = `${program}.prometheus.serviceMonitor`
      const endpointOf = async (...values: readonly string[]) =>
        objectOf(await renderChart([`${monitor}.enabled=true`, ...values]), 'ServiceMonitor').spec
          .endpoints[0]
      const node = { sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }
      const initial = await endpointOf()
      assert.deepEqual([initial.honorLabels, initial.relabelings], [true, [node]])
      const other = await endpointOf(
        `${monitor}.honorLabels=false`,
        `${monitor}.relabelings[0].targetLabel=zone`,
        `${monitor}.relabelings[0].replacement=a`,
      )
      const zone = { targetLabel: 'zone', replacement: 'a' }
      assert.deepEqual([other.honorLabels, other.relabelings], [false, [zone]])
    }
  })

  it('serves gRPC over TCP with TLS only, unless plaintext is allowed', async () => {
    const value = (address: string) => `tetragon.grpc.address=${address}`
    const without = agentOptions(await renderChart([value('')]))
    assert.equal(without?.['server-address'], 'unix:///var/run/tetragon/tetragon.sock')
    await renderChart([value('unix:///run/x.sock')])
    for (const address of ports) {
      await assert.rejects(
        renderChart([value(address)]),
        /tetragon\.grpc\.address: "\S+" needs .*: without TLS, everyone .* leave the address out/,
        address,
      )
    }
    const allowed = await renderChart([value(ports[0]), 'tetragon.grpc.allowPlaintext=true'])
    assert.equal(agentOptions(allowed)?.['server-allow-plaintext'], 'true')
    const roles = ['readClients={gid=4,cn=ops}', 'changeClients={uid=0}']
    const chosen = agentOptions(await renderChart(roles.map((each) => `tetragon.grpc.${each}`)))
    const read = ['read', 'change'].map((right) => chosen?.[`server-${right}-clients`])
    assert.deepEqual(read, ['gid=4,cn=ops', 'uid=0'])
    for (const other of ['tls.enabled=true', 'enabled=false']) {
      await renderChart([value(ports[0]), `tetragon.grpc.${other}`])
    }
  })
})
