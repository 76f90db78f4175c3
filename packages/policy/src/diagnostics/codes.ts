/** All diagnostic codes of policies, with their meaning. */
export const diagnosticCodes = {
  POLICY_YAML: 'The file is not YAML.',
  POLICY_EMPTY: 'The file contains no policy.',
  POLICY_ALIASES: 'YAML aliases expand to more than any policy needs.',
  POLICY_DUPLICATE_KEY: 'A field appears twice.',
  POLICY_UNKNOWN_FIELD: 'The field does not exist.',
  POLICY_MISSING_FIELD: 'A required field is missing.',
  POLICY_TYPE: 'The value has the wrong type; the message says which type is expected.',
  POLICY_VALUE: 'The value is not one of the allowed ones, or cannot be parsed.',
  POLICY_RANGE: 'A number is too small or too large, or a list is too long.',
  POLICY_NAME: 'The name of the policy, or its namespace, is not allowed.',
  POLICY_SCOPE: 'A policy of this kind cannot have the field.',
  POLICY_CALL: 'The name of a function, tracepoint or hook is not valid.',
  POLICY_LIST: 'A list does not exist, or has the wrong type.',
  POLICY_ARGUMENT: 'An argument cannot be read this way.',
  POLICY_INDEX: 'The hook has no argument of this index.',
  POLICY_OPERATOR: 'The operator does not support the type of the argument.',
  POLICY_OPERAND: 'The operator does not accept the value.',
  POLICY_EXPRESSION: 'An expression of matchCEL or CelExpr is invalid.',
  POLICY_SELECTOR: 'The condition is impossible or contradictory.',
  POLICY_MACRO: 'A macro does not exist, or sets the same field as another.',
  POLICY_ACTION: 'An action is not possible here, or lacks what it needs.',
  POLICY_RETURN: 'The field needs the return value, but the policy does not read it.',
  POLICY_OPTION: 'A setting of `spec.options` is invalid or unknown.',
  POLICY_TEXT: 'A message or tag is too short or too long.',
  POLICY_IGNORED: 'A field has no effect here.',
  POLICY_DEPRECATED: 'Tetragon is going to remove this part of the language.',
  POLICY_SPELLING: 'The name of a field differs in upper and lower case.',
  POLICY_ENFORCEMENT:
    'This kernel has no means to carry out an enforcing action; mode monitor only reports it.',
  POLICY_RACY:
    'An enforcing selector tests memory of the process, which can change it after the check.',
  POLICY_STARTING_PODS:
    'A signal of a policy for pods can end the container runtime while it starts a pod.',
  POLICY_REACH: 'An enforcing action has no condition: it acts on whatever reaches the hook.',
  POLICY_UNSUPPORTED: 'The policy requires options of the agent that are off.',
  // These need a kernel: the compiler reports them, not the checks of this package.
  POLICY_FUNCTION: 'This kernel has no function, tracepoint or hook of this name.',
  POLICY_HOOK: 'This kernel has no attach method for the hook; each is listed with its reason.',
  POLICY_HOOK_ARGUMENT:
    'No attach method for the hook delivers the arguments that the policy reads.',
  POLICY_ARGUMENT_TYPE: 'The argument type cannot be read here, or by this kernel.',
  POLICY_RESOLVE: 'The path of `resolve`, or the type of `btfType`, does not exist in this kernel.',
  POLICY_FIT: 'The argument type does not match the type in the kernel.',
  POLICY_FILE:
    'A value `inode:/PATH` names a path of the host without a file, or with a link in it.',
  POLICY_LIMIT: 'The policy needs more than a program can hold.',
} as const satisfies Record<`POLICY_${string}`, string>

export type DiagnosticCode = keyof typeof diagnosticCodes
