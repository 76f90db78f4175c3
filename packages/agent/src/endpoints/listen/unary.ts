import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js'
import { statusOf } from './status.ts'

/** A procedure with one request and one response; its errors become a status. */
export function unary<Request, Response>(
  answer: (
    request: Request,
    call: ServerUnaryCall<Request, Response>,
  ) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await answer(call.request, call))
    } catch (error) {
      callback(statusOf(error))
    }
  }
}
