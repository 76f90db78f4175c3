/** An error that the person who runs the agent can act upon; `code` is stable. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: string

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export type AgentErrorCode =
  /** An option that does not exist, or a value it does not take. */
  | 'AGENT_OPTION'
  /** Not allowed to load programs. */
  | 'AGENT_PERMISSION'
  /** The kernel lacks something that the agent cannot do without. */
  | 'AGENT_KERNEL'
  /** Another agent runs on this machine. */
  | 'AGENT_RUNNING'
  /** The pid file cannot be made. */
  | 'AGENT_PID_FILE'
  /** A file or folder that other users can exchange or change; the message says what to do. */
  | 'AGENT_FILE'
  /** A policy that cannot be read, compiled or loaded; the message has a line for each reason. */
  | 'AGENT_POLICY'
  /** The reader's thread ended by itself. */
  | 'AGENT_PIPELINE'
  /** The server cannot listen, or its certificates cannot be used. */
  | 'AGENT_SERVER'
