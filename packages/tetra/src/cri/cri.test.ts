import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { serviceDefinition } from '@tetragon-ts/api'
import { RuntimeService } from '@tetragon-ts/kubernetes/cri'
import { runTetra } from '../testing/run-tetra.ts'
import { cgroupFolder } from './cgroup-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-cri-'))
const socket = join(folder, 'runtime.sock')
const server = new Server()
const infos: Record<string, string | undefined> = {
  plain: JSON.stringify({ runtimeSpec: { linux: { cgroupsPath: '/docker/abc' } } }),
  systemd: JSON.stringify({
    runtimeSpec: { linux: { cgroupsPath: 'kubepods-burstable-pod1.slice:cri-containerd:abc' } },
  }),
  silent: '{}',
  broken: '{',
}

before(async () => {
  type Call = { request: { container_id?: string } }
  type Done = (error: object | null, response?: object) => void
  server.addService(serviceDefinition(RuntimeService) as object as ServiceDefinition, {
    Version: (_: Call, done: Done) => {
      done(null, { version: '0.1.0', runtime_name: 'containerd', runtime_version: 'v2.1' })
    },
    ContainerStatus: ({ request: { container_id = '' } }: Call, done: Done) => {
      const info = infos[container_id]
      if (info === undefined) done({ code: 5, details: `no container ${container_id}` })
      else done(null, { info: { info } })
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
})
after(() => {
  server.forceShutdown()
  rmSync(folder, { recursive: true })
})

const cri = (...argv: string[]) => runTetra(['cri', ...argv, '-r', socket])

describe('cri', () => {
  it('shows the runtime and control groups', async () => {
    assert.equal((await cri('version')).out, 'containerd v2.1\n')
    assert.deepEqual(JSON.parse((await cri('version', '-o', 'json')).out), {
      version: '0.1.0',
      runtime_name: 'containerd',
      runtime_version: 'v2.1',
    })
    assert.equal((await cri('cgroup_path', 'plain')).out, '/docker/abc\n')
    const nested =
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-abc.scope'
    assert.equal((await cri('cgroup_path', 'systemd')).out, `${nested}\n`)
    const json = await cri('cgroup_path', 'plain', '-o', 'json')
    assert.deepEqual(JSON.parse(json.out), { cgroup_path: '/docker/abc' })
  })

  it('says what is wrong', async () => {
    const cases: Record<string, RegExp> = {
      silent: /it lacks the container's control group/,
      broken: /read the runtime's response: .*JSON/,
      other: /query container runtime at unix:.*: no container other/,
    }
    for (const [id, message] of Object.entries(cases)) {
      const { err, code } = await cri('cgroup_path', id)
      assert.match(err, message)
      assert.equal(code, 1)
    }
    const nobody = await runTetra(['cri', 'version', '-r', join(folder, 'nowhere')])
    assert.match(nobody.err, /query container runtime at unix:.*nowhere: /)
    assert.equal((await cri('cgroup_path')).code, 2)
  })

  it('knows the folders of systemd', () => {
    assert.equal(cgroupFolder(':docker:abc'), '/system.slice/docker-abc.scope')
    assert.equal(cgroupFolder('a.slice::b.slice'), '/a.slice/b.slice')
    assert.equal(cgroupFolder('-.slice:p:n'), '/p-n.scope')
  })
})
