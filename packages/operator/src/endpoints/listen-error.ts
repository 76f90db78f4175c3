import type { TcpAddress } from '@tetragon-ts/service/listen'
import { OperatorError } from '../error.ts'

/** Throws the cause as the error of a listener. @throws OperatorError OPERATOR_SERVER */
export function throwListenError({ host, port }: TcpAddress): (cause: Error) => never {
  return (cause) => {
    const message = `listen on ${host}:${port}: ${cause.message}`
    throw new OperatorError('OPERATOR_SERVER', message, { cause })
  }
}
