/** What is known about an image of a process. Each execve makes another one. */
export interface ProcessFacts {
  readonly execId: string
  parentExecId: string
  /** The exec id of the copy of its parent that executed it; empty: unknown, or there is none. */
  replaced: string
  pid: number
  binary: string
  args: string
  /** `namespace/pod`, or empty. */
  pod: string
  /** Its name, or else its uid; empty: unknown. */
  user: string
  /** The name of its container, or else the id; empty: it runs on the host. */
  container: string
  /** Its container and user, for filters. */
  details: string
  node: string
  /** Milliseconds since 1970; undefined: unknown. */
  start: number | undefined
  /** When it ended, by an exit or by executing another program. */
  end: number | undefined
  /** The end as text: `exit 0`, `SIGKILL`, `exec`; empty while it runs. */
  ending: string
  /** Events of it, besides its start and end. */
  events: number
}
