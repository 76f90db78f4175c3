import { BadValue } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import {
  batchParameters,
  checkLogin,
  type RequestValues,
} from '../../network/request-parameters.ts'
import { checkTls, type TlsValues, tlsParameters } from '../../network/tls-parameters.ts'
import { schemaParameters } from '../../schemas/index.ts'

/** Headers that belong to HTTP/2 and gRPC. */
const reserved = /^(grpc-.*|te|content-type|content-length|host|user-agent|.*-bin)$/i
/** Headers of HTTP/1 that HTTP/2 forbids. */
const forbidden =
  /^(connection|upgrade|http2-settings|keep-alive|proxy-connection|transfer-encoding)$/i

/**
 * Checks the parameters of a collector with gRPC together.
 * @param overHttp how the same is requested over HTTP
 * @throws BadValue
 */
export function checkCollector(
  url: URL,
  values: TlsValues & RequestValues,
  overHttp: string,
): void {
  checkTls(values, url.protocol === 'otlp+tls:')
  checkLogin(values)
  if (url.pathname !== '' && url.pathname !== '/') {
    throw new BadValue(`the URL has a path, "${url.pathname}": OTLP over HTTP is ${overHttp}`)
  }
  for (const [name] of values.header) {
    if (reserved.test(name) || forbidden.test(name)) {
      throw new BadValue(`header ${name} is reserved in gRPC`)
    }
  }
}

/** Logs of OpenTelemetry: OTLP over gRPC. */
export const otlp = outputKind({
  schemes: ['otlp', 'otlp+tls'],
  guarantee: 'at least once while the agent runs',
  parameters: { ...tlsParameters, ...schemaParameters, ...batchParameters },
  check: ({ url, values }) => checkCollector(url, values, 'http with format=otlp'),
  open: async (target) => {
    const { openOtlp } = await import('./open-otlp.ts')
    return openOtlp(target)
  },
})
