import { type Profiler, Session } from 'node:inspector'

/** Samples where the calling thread spends its time. */
export class CpuProfiler {
  #session: Session | undefined

  /** Whether it is at work. */
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

  /** @returns a profile as Chrome's developer tools read it (`.cpuprofile`); empty if none began */
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
