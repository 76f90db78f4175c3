/** All error codes of the agent: by class, with their meaning. */
export const errorCodes = {
  AgentError: {
    AGENT_FILE: 'Other users can replace or change a file or folder; the message says what to do.',
    AGENT_KERNEL: 'The kernel lacks a feature that the agent requires.',
    AGENT_LIBRARY: 'No file system is writable and permits execution; the message says what to do.',
    AGENT_OPTION: 'An option is unknown, or its value is invalid; exit code 2.',
    AGENT_PERMISSION: 'The process may not load kernel programs.',
    AGENT_PID_FILE: 'The pid file cannot be created.',
    AGENT_PINS: 'Pins of an earlier agent cannot be read.',
    AGENT_PIPELINE: "The reader's thread failed.",
    AGENT_POLICY: 'A policy cannot be read, compiled or loaded; one line for each reason.',
    AGENT_RULES: 'Detection rules take too much memory or time to read; those in force stay.',
    AGENT_RUNNING: 'Another agent runs on this machine.',
    AGENT_SERVER: 'The server cannot listen, or its certificates cannot be used.',
  },
  RequestError: {
    denied: 'The client lacks the right for the call; the message says which (PERMISSION_DENIED).',
    exhausted: 'A limit is reached; a later request may succeed (RESOURCE_EXHAUSTED).',
    exists: 'An object with this name already exists (ALREADY_EXISTS).',
    invalid: 'A policy, filter, name or other value is invalid (INVALID_ARGUMENT).',
    not_found: 'No object has this name (NOT_FOUND).',
    refused: 'The kernel or the state of the agent does not allow it (FAILED_PRECONDITION).',
    unsupported: 'This agent does not implement the call (UNIMPLEMENTED).',
  },
} as const satisfies {
  AgentError: Record<`AGENT_${string}`, string>
  RequestError: Record<string, string>
}

export type AgentErrorCode = keyof (typeof errorCodes)['AgentError']
/** Why a request failed; a client gets the status in the table. */
export type RequestErrorCode = keyof (typeof errorCodes)['RequestError']
