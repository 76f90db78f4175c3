import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestClient } from '../../../testing/test-client.ts'
import { defaultRoles } from '../clients/client-pattern.ts'
import { AgentServer, type ServerOptions } from '../grpc-server.ts'
import { FakeHost } from './fake-host.ts'

/** A server with a fake agent, on a Unix socket in its own folder. */
export class TestServer {
  readonly host = new FakeHost()
  readonly folder = mkdtempSync(join(tmpdir(), 'tetragon-server-'))
  readonly path = join(this.folder, 'tetragon.sock')
  readonly client = new TestClient(`unix:${this.path}`)
  #server: AgentServer | undefined

  static async start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
    const test = new TestServer()
    await test.host.start()
    test.#server = await AgentServer.start(test.host, {
      addresses: [{ kind: 'unix', path: test.path }],
      allowPlaintext: false,
      roles: defaultRoles,
      eventQueueSize: 100,
      deprecatedCalls: false,
      healthIntervalMs: 20,
      ...options,
    })
    return test
  }

  get server(): AgentServer {
    return this.#server as AgentServer
  }

  async stop(): Promise<void> {
    this.client.close()
    await this.#server?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
