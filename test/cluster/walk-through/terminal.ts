import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Cluster } from '../cluster.ts'
import { configFolder, programFolder } from '../node/names.ts'
import { tetraFolder } from './node-files.ts'
import { trustedCertificate } from './web-sites.ts'

/** What the user of the walk-through sees of commands that have ended. */
export interface Screen {
  readonly lines: readonly string[]
  readonly exitCode: number | null
}

/** What the user types into a program that reads its terminal: a key after each prompt. */
export interface Input {
  readonly prompt: string
  readonly keys: readonly string[]
}

/**
 * What kubectl prints if the node does not answer the API server within ten seconds. Nothing has
 * happened then: the user types the command again.
 */
const busyNode = /^Error from server: .*TLS handshake timeout\s*$/

/** The shell of a user beside the control plane, with kubectl, helm, jq and tetra. */
export class Terminal {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  #spawn(command: readonly string[]): ChildProcess {
    const environment = [
      `PATH=${tetraFolder}:${programFolder}/bin:/usr/local/bin:/usr/bin:/usr/sbin`,
      ...['HOME=/root', 'TERM=dumb', 'LANG=C.UTF-8'],
      `KUBECONFIG=${configFolder}/admin.conf`,
      `SSL_CERT_FILE=${trustedCertificate}`,
    ]
    const [program, ...args] = this.#cluster.commandAtControlPlane([
      'env',
      '-i',
      ...environment,
      ...command,
    ])
    return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  }

  /** Runs commands to their end. @param input what the user types */
  async run(command: string, input?: Input): Promise<Screen> {
    // With a terminal for those that want one.
    const words = command.includes(' -it ')
      ? ['script', '--quiet', '--return', '--command', command, '/dev/null']
      : ['bash', '-c', command]
    for (;;) {
      const child = this.#spawn(words)
      const text = collect(child)
      if (input !== undefined) typeAfterPrompts(child, text, input)
      const [exitCode] = (await once(child, 'close')) as [number | null]
      if (!busyNode.test(text())) return { lines: linesOf(text()), exitCode }
    }
  }

  /** Starts a pipeline whose first program follows a log until it is ended. */
  follow(command: string): Followed {
    return new Followed(() => this.#spawn(['bash', '-c', command]))
  }
}

/** A pipeline that runs. */
export class Followed {
  readonly #spawn: () => ChildProcess
  #child: ChildProcess
  #text: () => string

  constructor(start: () => ChildProcess) {
    this.#spawn = start
    this.#child = start()
    this.#text = collect(this.#child)
    this.#startAgain()
  }

  /** Starts the pipeline again when it has ended because the node was busy. */
  #startAgain(): void {
    this.#child.once('close', () => {
      if (!busyNode.test(this.#text())) return
      this.#child = this.#spawn()
      this.#text = collect(this.#child)
      this.#startAgain()
    })
  }

  /** The lines so far. Programs like jq write the last ones when they end. */
  lines(): string[] {
    return linesOf(this.#text())
  }

  /** Ends the program that follows the log, and waits for the others. */
  async end(): Promise<string[]> {
    const closed = once(this.#child, 'close')
    for (const pid of descendants(this.#child.pid!)) {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      if (name === 'kubectl') process.kill(pid, 'SIGTERM')
    }
    await closed
    return this.lines()
  }
}

/** Keys before a prompt would be for kubectl, which has not set up the terminal yet, or be lost. */
function typeAfterPrompts(child: ChildProcess, text: () => string, { prompt, keys }: Input): void {
  let typed = 0
  child.stdout!.on('data', () => {
    const prompts = text().split(prompt).length - 1
    for (; typed < Math.min(prompts, keys.length); typed++) child.stdin!.write(keys[typed]!)
  })
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = []
  child.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr!.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

function linesOf(text: string): string[] {
  return text.replaceAll('\r\n', '\n').split('\n')
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children
    .split(' ')
    .filter((text) => text !== '')
    .flatMap((text) => [Number(text), ...descendants(Number(text))])
}
