import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { KubeContext } from './kubeconfig.ts'
import { Section } from './section.ts'

/** Credentials of a plugin. */
export interface ExecCredential {
  readonly token: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Milliseconds since 1970; infinite if they do not expire. */
  readonly expiresAt: number
}

const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
/** Name of the extension of a cluster that is passed to plugins. */
const clusterConfig = 'client.authentication.k8s.io/exec'
/** Maximum length of the output, in bytes. */
const outputMax = 1 << 20
/** Time for the plugin, in milliseconds. The user may have to log in. */
const pluginMs = 300_000

/**
 * The credential plugin of a user (KEP-541): a command that prints credentials. It may ask the user
 * on the terminal.
 */
export class CredentialPlugin {
  readonly #exec: Section
  readonly #version: string
  readonly #cluster: Section

  /** @throws Error for a version of the protocol that is not supported */
  constructor({ cluster, user }: KubeContext) {
    this.#exec = user.section('exec')
    this.#version = this.#exec.text('apiVersion')
    this.#cluster = cluster
    if (!apiVersions.includes(this.#version)) {
      const known = apiVersions.join(' and ')
      throw new Error(`exec has the apiVersion ${this.#version}; supported are ${known}`)
    }
    this.#exec.text('command')
  }

  /** Runs the command. @throws Error with the command */
  async run(): Promise<ExecCredential> {
    const command = this.#exec.text('command')
    const action = `run credential plugin ${command}`
    const output = await this.#output(command).catch((error: NodeJS.ErrnoException) => {
      const hint = error.code === 'ENOENT' ? (this.#exec.optional('installHint') ?? '') : ''
      throw new Error(`${action}: ${error.message}${hint && `; ${hint.trim()}`}`, { cause: error })
    })
    try {
      return readCredential(output, this.#version)
    } catch (error) {
      throw new Error(`${action}: ${(error as Error).message}`, { cause: error })
    }
  }

  async #output(command: string): Promise<string> {
    const args = this.#exec.value('args')
    const own = this.#exec.list('env').map((each) => [each.text('name'), each.value('value')])
    const interactive = this.#isInteractive()
    const env = {
      ...process.env,
      ...Object.fromEntries(own),
      KUBERNETES_EXEC_INFO: JSON.stringify(this.#info(interactive)),
    }
    // As in kubectl, a path is relative to the file, and a name is looked up in PATH.
    const path = command.includes('/') ? resolve(this.#exec.folder, command) : command
    const stdin = interactive ? 'inherit' : 'ignore'
    return await new Promise((done, fail) => {
      const child = spawn(path, Array.isArray(args) ? args.map(String) : [], {
        env,
        stdio: [stdin, 'pipe', 'inherit'],
        // Its timer keeps no process alive, unlike that of the option `timeout`.
        signal: AbortSignal.timeout(pluginMs),
      })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        if (text.length > outputMax) child.kill()
      })
      child.on('error', fail)
      child.on('close', (code, signal) => {
        if (code === 0 && text.length <= outputMax) done(text)
        else if (text.length > outputMax) fail(new Error('its output is too long'))
        else fail(new Error(signal === null ? `exit code ${code}` : `ended by ${signal}`))
      })
    })
  }

  #isInteractive(): boolean {
    const isTerminal = process.stdin.isTTY === true
    const mode = this.#exec.optional('interactiveMode') ?? 'IfAvailable'
    if (mode === 'Always' && !isTerminal) throw new Error('it needs a terminal')
    return isTerminal && mode !== 'Never'
  }

  #info(interactive: boolean): object {
    const cluster = this.#exec.isTrue('provideClusterInfo') ? this.#clusterInfo() : undefined
    return { apiVersion: this.#version, kind: 'ExecCredential', spec: { interactive, cluster } }
  }

  #clusterInfo(): object {
    const cluster = this.#cluster
    const ca = cluster.content('certificate-authority')
    const extension = cluster
      .list('extensions')
      .find((each) => each.value('name') === clusterConfig)
    return {
      server: cluster.text('server'),
      'tls-server-name': cluster.optional('tls-server-name'),
      'insecure-skip-tls-verify': cluster.isTrue('insecure-skip-tls-verify') || undefined,
      'certificate-authority-data': ca && Buffer.from(ca).toString('base64'),
      config: extension?.value('extension'),
    }
  }
}

/** Reads the output of a plugin. The output has secrets: errors must not quote it. */
function readCredential(output: string, version: string): ExecCredential {
  let answer: Section
  try {
    answer = new Section(JSON.parse(output), 'its output', '')
  } catch {
    throw new Error('its output is not an object of JSON')
  }
  if (answer.optional('apiVersion') !== version) {
    throw new Error(`its output has the apiVersion ${answer.optional('apiVersion')}`)
  }
  const status = answer.section('status', 'the status of its output')
  const token = status.optional('token')
  const cert = status.optional('clientCertificateData')
  const key = status.optional('clientKeyData')
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('its output has only one of clientCertificateData and clientKeyData')
  }
  if (token === undefined && cert === undefined) throw new Error('its output has no credentials')
  const expires = status.optional('expirationTimestamp')
  const expiresAt = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
  if (Number.isNaN(expiresAt)) throw new Error('its output has an invalid expirationTimestamp')
  return { token, cert, key, expiresAt }
}
