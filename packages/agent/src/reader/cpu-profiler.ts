import { type Profiler, Session } from 'node:inspector'

/** Samples the calling thread. */
export class CpuProfiler {
  #session: Session | undefined

  /** Whether a profile is being recorded. */
  get isRunning(): boolean {
    return this.#session !== undefined
  }

  start(): void {
    if (this.#session !== undefined) return
    this.#session = new Session()
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.start')
  }

  /** @returns a profile for Chrome's developer tools (`.cpuprofile`); empty if none was started */
  stop(): string {
    let profile = ''
    // A session of the thread itself answers before `post` returns.
    this.#session?.post('Profiler.stop', (error, result: Profiler.StopReturnType) => {
      if (error) throw error
      profile = JSON.stringify(result.profile)
    })
    this.#session?.disconnect()
    this.#session = undefined
    return profile
  }
}
