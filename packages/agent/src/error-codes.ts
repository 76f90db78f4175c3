/** Every code of the agent's errors: by class, with what it means. */
export const errorCodes = {
  AgentError: {
    AGENT_FILE: 'Other users can exchange or change a file or folder; the message says what to do.',
    AGENT_KERNEL: 'The kernel lacks something that the agent cannot do without.',
    AGENT_OPTION: 'An option does not exist, or does not take this value; exit code 2.',
    AGENT_PERMISSION: 'The process may not load kernel programs.',
    AGENT_PID_FILE: 'The pid file cannot be created.',
    AGENT_PIPELINE: "The reader's thread failed.",
    AGENT_POLICY: 'A policy cannot be read, compiled or loaded; one line for each reason.',
    AGENT_RUNNING: 'Another agent runs on this machine.',
    AGENT_SERVER: 'The server cannot listen, or its certificates cannot be used.',
  },
  RequestError: {
    exhausted: 'Others have used up a limit; later the request may succeed (RESOURCE_EXHAUSTED).',
    exists: 'There is one of this name already (ALREADY_EXISTS).',
    invalid: 'The request is wrong: a policy, a filter, a name (INVALID_ARGUMENT).',
    not_found: 'There is none of this name (NOT_FOUND).',
    refused: 'The kernel or the state of the agent does not allow it (FAILED_PRECONDITION).',
    unsupported: 'This agent does not offer it (UNIMPLEMENTED).',
  },
} as const satisfies {
  AgentError: Record<`AGENT_${string}`, string>
  RequestError: Record<string, string>
}

export type AgentErrorCode = keyof (typeof errorCodes)['AgentError']
/** Why a request cannot be fulfilled; a client gets the status in the table. */
export type RequestErrorCode = keyof (typeof errorCodes)['RequestError']
