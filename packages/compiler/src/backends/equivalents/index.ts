import { byPolicy, isRefusal } from '../../hook/refusal.ts'
import type { Backend } from '../../hook-plans/backend.ts'
import { isFunction, namesOf } from '../../hook-plans/hook-target.ts'
import { capCapable } from './cap-capable.ts'
import { commitCreds } from './commit-creds.ts'
import { doInitModule } from './do-init-module.ts'
import type { Equivalent } from './equivalent.ts'
import { fdInstall } from './fd-install.ts'
import { securityBprmCheck, securityBprmCommittedCreds, wakeUpNewTask } from './process-start.ts'
import { securityFileOpen } from './security-file-open.ts'
import { securityFilePermission } from './security-file-permission.ts'
import { securityMmapFile } from './security-mmap-file.ts'
import { securitySocketConnect } from './security-socket-connect.ts'
import { tcpClose } from './tcp-close.ts'
import { tcpConnectEquivalent } from './tcp-connect.ts'
import { tcpSendmsg } from './tcp-sendmsg.ts'
import { inetCskListenStart, tcpSetState } from './tcp-set-state.ts'

/** All equivalents: a new one needs only its file and an entry here. */
export const equivalents: readonly Equivalent[] = [
  fdInstall,
  securityFileOpen,
  securityFilePermission,
  securityMmapFile,
  tcpConnectEquivalent,
  tcpClose,
  tcpSendmsg,
  tcpSetState,
  inetCskListenStart,
  securitySocketConnect,
  securityBprmCheck,
  securityBprmCommittedCreds,
  wakeUpNewTask,
  commitCreds,
  capCapable,
  doInitModule,
]

const byFunction = new Map(
  equivalents.flatMap((e) => e.functions.map((name) => [name, e] as const)),
)

/** The equivalent of a well-known function. */
export function equivalentOf(symbol: string): Equivalent | undefined {
  return byFunction.get(symbol)
}

/** The back end for equivalents of well-known functions. */
export const equivalentBackend: Backend = {
  name: 'equivalent',
  alone: true,
  plan(target, kernel) {
    const { functions, exact } = target
    if (!isFunction(target)) return byPolicy('only for functions')
    const [{ symbol }] = functions
    const equivalent = byFunction.get(symbol)
    if (!equivalent) return byPolicy(`no equivalent of ${symbol}`)
    if (exact) return byPolicy('the policy requires the function itself (option exact-hooks)')
    const plan = equivalent.plan(target, kernel)
    if (isRefusal(plan)) return plan
    return {
      backend: 'equivalent',
      why: equivalent.location,
      difference: equivalent.difference,
      leave: [],
      ...plan,
      functionNames: namesOf(target),
    }
  },
}
