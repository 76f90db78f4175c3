import type { handleUnaryCall } from '@grpc/grpc-js'
import { statusOf } from './status.ts'

/** A procedure with one request and one response; its errors become a status. */
export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async ({ request }, callback) => {
    try {
      callback(null, await answer(request))
    } catch (error) {
      callback(statusOf(error))
    }
  }
}
