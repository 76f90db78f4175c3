import type { Action } from '../action.ts'
import { interception } from './credential-access/interception.ts'
import { systemSecrets } from './credential-access/system-secrets.ts'
import { userSecrets } from './credential-access/user-secrets.ts'

/** Passwords, keys and tokens. */
export const credentialAccess: readonly Action[] = [
  ...systemSecrets,
  ...userSecrets,
  ...interception,
]
